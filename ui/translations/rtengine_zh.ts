<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en">
<context>
    <name>Body</name>
    <message>
        <source>Play</source>
        <translation>播放</translation>
    </message>
    <message>
        <source>go on with the film, or pause it</source>
        <translation>继续播放影片，或暂停</translation>
    </message>
    <message>
        <source>Stretch</source>
        <translation>片段</translation>
    </message>
    <message>
        <source>mark a part of the film in the notes</source>
        <translation>在音符中标出影片的一段</translation>
    </message>
    <message>
        <source>Write anew</source>
        <translation>重写</translation>
    </message>
    <message>
        <source>other notes for the stretch, or for the whole film</source>
        <translation>为该片段或整部影片另写音符</translation>
    </message>
    <message>
        <source>Other piece</source>
        <translation>另一首</translation>
    </message>
    <message>
        <source>another key, harmony and melody</source>
        <translation>另一个调、和声与旋律</translation>
    </message>
    <message>
        <source>score</source>
        <translation>配乐</translation>
    </message>
    <message>
        <source>Name of the export</source>
        <translation>导出文件的名称</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>导出</translation>
    </message>
    <message>
        <source>write the film with what is heard, among the takes</source>
        <translation>把影片连同所听到的音乐写入录音文件夹</translation>
    </message>
    <message>
        <source>keep this part as it is</source>
        <translation>保持此声部不变</translation>
    </message>
    <message>
        <source>double click: marker · drag: move · right click: remove · click: go there</source>
        <translation>双击：标记 · 拖动：移动 · 右击：删除 · 单击：跳到此处</translation>
    </message>
    <message>
        <source>Music</source>
        <translation>音乐</translation>
    </message>
    <message>
        <source>Parts</source>
        <translation>声部</translation>
    </message>
    <message>
        <source>Lock</source>
        <translation>锁定</translation>
    </message>
    <message>
        <source>{}, {} beats a minute, {} notes, {}</source>
        <translation>{}，每分钟 {} 拍，{} 个音符，{}</translation>
    </message>
    <message>
        <source>the film is being read</source>
        <translation>正在读取影片</translation>
    </message>
</context>
<context>
    <name>Channel</name>
    <message>
        <source>Strip {}</source>
        <translation>通道 {}</translation>
    </message>
    <message>
        <source>M</source>
        <translation>M</translation>
    </message>
    <message>
        <source>Mute</source>
        <translation>静音</translation>
    </message>
    <message>
        <source>S</source>
        <translation>S</translation>
    </message>
    <message>
        <source>Solo, in place</source>
        <translation>原位独奏</translation>
    </message>
    <message>
        <source>Lock</source>
        <translation>锁定</translation>
    </message>
    <message>
        <source>The machine leaves this strip alone</source>
        <translation>机器不碰这个通道</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>交还</translation>
    </message>
    <message>
        <source>Auto</source>
        <translation>自动</translation>
    </message>
    <message>
        <source>Give all of this strip back to the machine</source>
        <translation>把这个通道全部交还给机器</translation>
    </message>
</context>
<context>
    <name>Closer</name>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Listen no longer: the sound plays on as it is</source>
        <translation>不再细听：声音照原样继续</translation>
    </message>
    <message>
        <source>Half a minute beside the music, then this texture comes nearer to its sound; the controls stay</source>
        <translation>在音乐之外花半分钟，此纹理会更接近它的声音；各控件保持不变</translation>
    </message>
    <message>
        <source>Listening closer to {}</source>
        <translation>正在细听 {}</translation>
    </message>
    <message>
        <source>{} left</source>
        <translation>剩余 {}</translation>
    </message>
    <message>
        <source>Listen closer to {}</source>
        <translation>细听 {}</translation>
    </message>
</context>
<context>
    <name>Compare</name>
    <message>
        <source>Compare two ways to set everything</source>
        <translation>比较两套设置</translation>
    </message>
</context>
<context>
    <name>ConsolePage</name>
    <message>
        <source>The strips of the desk</source>
        <translation>调音台的各通道</translation>
    </message>
    <message>
        <source>Who decides</source>
        <translation>由谁决定</translation>
    </message>
    <message>
        <source>Only propose</source>
        <translation>只提建议</translation>
    </message>
    <message>
        <source>Speed</source>
        <translation>速度</translation>
    </message>
    <message>
        <source>Hear</source>
        <translation>试听</translation>
    </message>
    <message>
        <source>Amount</source>
        <translation>程度</translation>
    </message>
    <message>
        <source>Main</source>
        <translation>主输出</translation>
    </message>
</context>
<context>
    <name>ControlList</name>
    <message>
        <source>All {} controls</source>
        <translation>全部 {} 个控件</translation>
    </message>
</context>
<context>
    <name>Controls</name>
    <message>
        <source>Default: {}</source>
        <translation>默认：{}</translation>
    </message>
    <message>
        <source>Learn a MIDI controller</source>
        <translation>学习 MIDI 控制器</translation>
    </message>
    <message>
        <source>Forget the MIDI controller</source>
        <translation>解除 MIDI 控制器</translation>
    </message>
</context>
<context>
    <name>Curve</name>
    <message>
        <source>The equaliser; the thin line is what the machine wants</source>
        <translation>均衡器；细线是机器想要的</translation>
    </message>
</context>
<context>
    <name>Desk</name>
    <message>
        <source>Turn a MIDI knob for {}</source>
        <translation>请转动要控制 {} 的 MIDI 旋钮</translation>
    </message>
    <message>
        <source>{} is now MIDI controller {}, channel {}</source>
        <translation>{} 现由 MIDI 控制器 {}(通道 {})控制</translation>
    </message>
</context>
<context>
    <name>DeviceChoice</name>
    <message>
        <source>Device</source>
        <translation>设备</translation>
    </message>
    <message>
        <source>Test tone</source>
        <translation>测试音</translation>
    </message>
    <message>
        <source>Left, right, both, at -18 dBFS, from the host&apos;s output</source>
        <translation>从宿主的输出依次播放左、右、双声道，-18 dBFS</translation>
    </message>
    <message>
        <source>Input</source>
        <translation>输入</translation>
    </message>
    <message>
        <source>Output</source>
        <translation>输出</translation>
    </message>
    <message>
        <source>Sample rate</source>
        <translation>采样率</translation>
    </message>
    <message>
        <source>Block</source>
        <translation>缓冲区</translation>
    </message>
    <message>
        <source>MIDI in</source>
        <translation>MIDI 输入</translation>
    </message>
    <message>
        <source>the system&apos;s own</source>
        <translation>系统默认</translation>
    </message>
    <message>
        <source>the device&apos;s own</source>
        <translation>设备默认</translation>
    </message>
    <message>
        <source>{} samples</source>
        <translation>{} 采样</translation>
    </message>
    <message>
        <source>Another rate, block or MIDI input starts the host again: silence for a few seconds.</source>
        <translation>更改采样率、缓冲区或 MIDI 输入会重新启动宿主：静音几秒钟。</translation>
    </message>
    <message>
        <source>Rate, block and MIDI are options of the host&apos;s command line: it was not started here.</source>
        <translation>采样率、缓冲区和 MIDI 是宿主命令行的选项：宿主不是在这里启动的。</translation>
    </message>
    <message>
        <source>A part of a name is enough; null is none, and a clock without sound.</source>
        <translation>输入名称的一部分即可；null 表示不用设备，只用无声的时钟。</translation>
    </message>
    <message>
        <source>A microphone beside loudspeakers howls: use headphones, or begin with little mix.</source>
        <translation>麦克风靠近扬声器会啸叫：请戴耳机，或从较小的混合量开始。</translation>
    </message>
    <message>
        <source>Play on these</source>
        <translation>用这些设备演奏</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>none</source>
        <translation>无</translation>
    </message>
</context>
<context>
    <name>Fader</name>
    <message>
        <source>{} = {} is outside {}</source>
        <translation>{} = {} 超出范围 {}</translation>
    </message>
</context>
<context>
    <name>Files</name>
    <message>
        <source>as played now</source>
        <translation>与当前演奏相同</translation>
    </message>
    <message>
        <source>Reading …</source>
        <translation>正在读取…</translation>
    </message>
    <message>
        <source>No texture is heard: choose one</source>
        <translation>当前没有可听到的纹理：请选择一个</translation>
    </message>
    <message>
        <source>Rendering …</source>
        <translation>正在渲染…</translation>
    </message>
    <message>
        <source>Open song …</source>
        <translation>打开歌曲…</translation>
    </message>
    <message>
        <source>Loop</source>
        <translation>循环</translation>
    </message>
    <message>
        <source>Device input</source>
        <translation>设备输入</translation>
    </message>
    <message>
        <source> s</source>
        <translation> 秒</translation>
    </message>
    <message>
        <source>Render</source>
        <translation>渲染</translation>
    </message>
    <message>
        <source>Range</source>
        <translation>区间</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>BEFORE</source>
        <translation>处理前</translation>
    </message>
    <message>
        <source>Go round in the range</source>
        <translation>在区间内循环</translation>
    </message>
    <message>
        <source>Begin of the range</source>
        <translation>区间起点</translation>
    </message>
    <message>
        <source>End of the range</source>
        <translation>区间终点</translation>
    </message>
    <message>
        <source>Drop a song here</source>
        <translation>将歌曲拖放到此处</translation>
    </message>
    <message>
        <source>AFTER</source>
        <translation>处理后</translation>
    </message>
    <message>
        <source>Hear</source>
        <translation>试听</translation>
    </message>
    <message>
        <source>Save …</source>
        <translation>保存…</translation>
    </message>
    <message>
        <source>Saved as {}</source>
        <translation>已保存为 {}</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>暂停</translation>
    </message>
    <message>
        <source>Play</source>
        <translation>播放</translation>
    </message>
    <message>
        <source>Play as input</source>
        <translation>作为输入播放</translation>
    </message>
    <message>
        <source>A song</source>
        <translation>歌曲</translation>
    </message>
    <message>
        <source>Sounds ({})</source>
        <translation>声音文件 ({})</translation>
    </message>
    <message>
        <source>Save the result</source>
        <translation>保存结果</translation>
    </message>
    <message>
        <source>Render to see what becomes of it</source>
        <translation>渲染后即可看到结果</translation>
    </message>
    <message>
        <source>{} left</source>
        <translation>剩余 {}</translation>
    </message>
    <message>
        <source>Given up</source>
        <translation>已取消</translation>
    </message>
</context>
<context>
    <name>Folder</name>
    <message>
        <source>The host is elsewhere: put {} into its own folder</source>
        <translation>宿主在另一台电脑上：请把 {} 放入它自己的文件夹</translation>
    </message>
</context>
<context>
    <name>History</name>
    <message>
        <source>What the machine has done</source>
        <translation>机器做过的事</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>撤销</translation>
    </message>
    <message>
        <source>Take the machine&apos;s last move back, and keep the parameter there</source>
        <translation>撤销机器的上一步，并把该参数停在那里</translation>
    </message>
    <message>
        <source>Redo</source>
        <translation>重做</translation>
    </message>
    <message>
        <source>Let the machine do it again</source>
        <translation>让机器再做一次</translation>
    </message>
    <message>
        <source>What it has done</source>
        <translation>做过的事</translation>
    </message>
</context>
<context>
    <name>Host</name>
    <message>
        <source>The host does not start</source>
        <translation>宿主无法启动</translation>
    </message>
    <message>
        <source>The host has ended; starting it again</source>
        <translation>宿主已退出，正在重新启动</translation>
    </message>
</context>
<context>
    <name>InputLevel</name>
    <message>
        <source>Level of the input</source>
        <translation>输入电平</translation>
    </message>
    <message>
        <source>Nothing comes in: play something, or choose another input</source>
        <translation>没有输入：请演奏一些声音，或选择其他输入</translation>
    </message>
    <message>
        <source>Soft: turn the input up</source>
        <translation>偏小：请调高输入</translation>
    </message>
    <message>
        <source>Good</source>
        <translation>合适</translation>
    </message>
    <message>
        <source>Loud: turn the input down a little</source>
        <translation>偏大：请稍微调低输入</translation>
    </message>
    <message>
        <source>Too loud: turn the input down</source>
        <translation>过大：请调低输入</translation>
    </message>
</context>
<context>
    <name>Keys</name>
    <message>
        <source>Close what is on top; else panic: silence at once</source>
        <translation>关闭最上面的东西；否则立即静音</translation>
    </message>
    <message>
        <source>Bypass</source>
        <translation>旁通</translation>
    </message>
    <message>
        <source>Compare A and B</source>
        <translation>比较 A 与 B</translation>
    </message>
    <message>
        <source>A texture alone</source>
        <translation>只用一种纹理</translation>
    </message>
    <message>
        <source>Less, more mix</source>
        <translation>减少、增加混合</translation>
    </message>
    <message>
        <source>Next quality</source>
        <translation>下一档音质</translation>
    </message>
    <message>
        <source>To the morph pad: arrows move, Home centres</source>
        <translation>到变形板：方向键移动,Home 居中</translation>
    </message>
    <message>
        <source>The focused texture is a corner of the pad, or not</source>
        <translation>焦点所在的纹理设为或不再是变形板的角</translation>
    </message>
    <message>
        <source>Try: hear what the texture was made of</source>
        <translation>试听：听纹理的原始声音</translation>
    </message>
    <message>
        <source>A sound to be a texture</source>
        <translation>把声音变成纹理</translation>
    </message>
    <message>
        <source>Go to a scene</source>
        <translation>调用场景</translation>
    </message>
    <message>
        <source>Store a scene: type its name, Enter</source>
        <translation>存储场景：输入名称后按回车</translation>
    </message>
    <message>
        <source>Undo, redo what was turned</source>
        <translation>撤销、重做调节</translation>
    </message>
    <message>
        <source>Record, or finish the recording</source>
        <translation>录音，或结束录音</translation>
    </message>
    <message>
        <source>Learn MIDI: click a control, move a knob</source>
        <translation>MIDI 学习：点击控件，再转动旋钮</translation>
    </message>
    <message>
        <source>All controls</source>
        <translation>全部控件</translation>
    </message>
    <message>
        <source>Live, files</source>
        <translation>现场、文件</translation>
    </message>
    <message>
        <source>Another device</source>
        <translation>更换设备</translation>
    </message>
    <message>
        <source>To the log</source>
        <translation>到日志</translation>
    </message>
    <message>
        <source>Next, previous control</source>
        <translation>下一个、上一个控件</translation>
    </message>
    <message>
        <source>Turn the control; Shift for small steps</source>
        <translation>调节控件；按住 Shift 微调</translation>
    </message>
    <message>
        <source>Turn it far; Home and End to its ends</source>
        <translation>大幅调节；Home 与 End 到两端</translation>
    </message>
    <message>
        <source>Type its value</source>
        <translation>输入数值</translation>
    </message>
    <message>
        <source>Its default</source>
        <translation>恢复默认</translation>
    </message>
    <message>
        <source>Full screen</source>
        <translation>全屏</translation>
    </message>
    <message>
        <source>These keys</source>
        <translation>显示这些按键</translation>
    </message>
    <message>
        <source>Leave</source>
        <translation>退出</translation>
    </message>
</context>
<context>
    <name>ListenPage</name>
    <message>
        <source>What is heard now</source>
        <translation>现在听到的</translation>
    </message>
    <message>
        <source>What the host hears</source>
        <translation>主机听到的</translation>
    </message>
    <message>
        <source>Listening …</source>
        <translation>正在听……</translation>
    </message>
    <message>
        <source>The first word comes after four seconds of music</source>
        <translation>音乐响起四秒后给出第一个结果</translation>
    </message>
    <message>
        <source>genre: {0}</source>
        <translation>流派：{0}</translation>
    </message>
    <message>
        <source>{0} beats a minute</source>
        <translation>每分钟 {0} 拍</translation>
    </message>
    <message>
        <source>no steady beat</source>
        <translation>没有稳定的节拍</translation>
    </message>
    <message>
        <source>key: {0}</source>
        <translation>调性：{0}</translation>
    </message>
</context>
<context>
    <name>Load</name>
    <message>
        <source>Load of the audio thread</source>
        <translation>音频线程的负载</translation>
    </message>
    <message>
        <source>How often a buffer took so much of its time; bright: of late, dim: since the start</source>
        <translation>各缓冲区占用时间的分布；亮：最近，暗：启动以来</translation>
    </message>
    <message>
        <source>{} xruns</source>
        <translation>{} 次断流</translation>
    </message>
    <message>
        <source>{:.0f} ms late</source>
        <translation>迟到 {:.0f} 毫秒</translation>
    </message>
</context>
<context>
    <name>Log</name>
    <message>
        <source>Log</source>
        <translation>日志</translation>
    </message>
</context>
<context>
    <name>Meters</name>
    <message>
        <source>Levels</source>
        <translation>电平</translation>
    </message>
    <message>
        <source>Bright: rms. Dim: peak. Line: highest of late. A click puts out the lamps</source>
        <translation>亮：有效值。暗：峰值。横线：最近最高值。点击可熄灭过载灯</translation>
    </message>
    <message>
        <source>IN</source>
        <translation>输入</translation>
    </message>
    <message>
        <source>OUT</source>
        <translation>输出</translation>
    </message>
    <message>
        <source>OVER</source>
        <translation>过载</translation>
    </message>
    <message>
        <source>M</source>
        <translation>M</translation>
    </message>
    <message>
        <source>S</source>
        <translation>S</translation>
    </message>
    <message>
        <source>TP</source>
        <translation>TP</translation>
    </message>
</context>
<context>
    <name>Morph</name>
    <message>
        <source>Morph pad</source>
        <translation>变形板</translation>
    </message>
    <message>
        <source>Drag to blend textures. Keys: arrows, Shift for small steps, Home for the middle</source>
        <translation>拖动以混合纹理。按键：方向键，Shift 微调,Home 居中</translation>
    </message>
</context>
<context>
    <name>PatchPage</name>
    <message>
        <source>The blocks of the patch</source>
        <translation>音色的各个模块</translation>
    </message>
</context>
<context>
    <name>Phone</name>
    <message>
        <source>Phone</source>
        <translation>手机</translation>
    </message>
    <message>
        <source>Take this with the camera of a phone or tablet in the same network, or type it</source>
        <translation>用同一网络中的手机或平板的相机扫描，或输入此地址</translation>
    </message>
    <message>
        <source>The host is open to this computer alone: no phone can play it.</source>
        <translation>宿主只对这台电脑开放：手机无法演奏。</translation>
    </message>
    <message>
        <source>Let the network play</source>
        <translation>允许网络演奏</translation>
    </message>
    <message>
        <source>Everybody in it can then. The host starts again: silence for a few seconds.</source>
        <translation>届时网络中的任何人都可以演奏。宿主会重新启动：静音几秒钟。</translation>
    </message>
    <message>
        <source>Start it with --osc-host 0.0.0.0</source>
        <translation>请用 --osc-host 0.0.0.0 启动它</translation>
    </message>
</context>
<context>
    <name>Proposals</name>
    <message>
        <source>Strip {}</source>
        <translation>通道 {}</translation>
    </message>
    <message>
        <source>{} is {:.1f} dB too quiet in the mix ({:.0f} LUFS)</source>
        <translation>{}在混音中轻了 {:.1f} dB（{:.0f} LUFS）</translation>
    </message>
    <message>
        <source>{} is {:.1f} dB too loud in the mix ({:.0f} LUFS)</source>
        <translation>{}在混音中响了 {:.1f} dB（{:.0f} LUFS）</translation>
    </message>
    <message>
        <source>the loud beats of {} stand out</source>
        <translation>{}的重拍过于突出</translation>
    </message>
    <message>
        <source>{} is a single microphone, and makes room</source>
        <translation>{}是单支话筒，让出位置</translation>
    </message>
    <message>
        <source>{} has {:.1f} dB too little around {:.0f} Hz</source>
        <translation>{}少了 {:.1f} dB（{:.0f} Hz 附近）</translation>
    </message>
    <message>
        <source>{} has {:.1f} dB too much around {:.0f} Hz</source>
        <translation>{}多了 {:.1f} dB（{:.0f} Hz 附近）</translation>
    </message>
    <message>
        <source>What the machine would do</source>
        <translation>机器想做的事</translation>
    </message>
    <message>
        <source>Do it</source>
        <translation>照做</translation>
    </message>
    <message>
        <source>Make the chosen moves, or all if none is chosen</source>
        <translation>执行所选的步骤；未选则全部执行</translation>
    </message>
    <message>
        <source>Not this</source>
        <translation>不要</translation>
    </message>
    <message>
        <source>Leave these as they are, and do not ask again</source>
        <translation>保持原样，不再询问</translation>
    </message>
    <message>
        <source>Ask all again</source>
        <translation>全部重新询问</translation>
    </message>
    <message>
        <source>Forget what was refused</source>
        <translation>忘掉已拒绝的</translation>
    </message>
</context>
<context>
    <name>Quality</name>
    <message>
        <source>Latency from input to output, and the share of a core while this quality plays</source>
        <translation>从输入到输出的延迟，以及使用该音质时占用的处理器份额</translation>
    </message>
    <message>
        <source>{} ms · {}</source>
        <translation>{} 毫秒 · {}</translation>
    </message>
</context>
<context>
    <name>Record</name>
    <message>
        <source>{} left on the disk</source>
        <translation>磁盘还可录 {}</translation>
    </message>
    <message>
        <source>{} left</source>
        <translation>剩余 {}</translation>
    </message>
    <message>
        <source>● Record</source>
        <translation>● 录音</translation>
    </message>
    <message>
        <source>Record what is heard, and what goes in, into the folder of takes</source>
        <translation>把听到的和输入的声音录到录音文件夹</translation>
    </message>
</context>
<context>
    <name>Scene</name>
    <message>
        <source>Go there. Right click: store, rename, delete; keys F2 and Del</source>
        <translation>调用此场景。右键：存储、重命名、删除；按键 F2 和 Del</translation>
    </message>
    <message>
        <source>Store here</source>
        <translation>存储到此处</translation>
    </message>
    <message>
        <source>Rename …</source>
        <translation>重命名…</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>删除</translation>
    </message>
</context>
<context>
    <name>Scenes</name>
    <message>
        <source>name of a scene</source>
        <translation>场景名称</translation>
    </message>
    <message>
        <source>Store</source>
        <translation>存储</translation>
    </message>
    <message>
        <source>Keep how everything stands under this name</source>
        <translation>以此名称保存当前全部设置</translation>
    </message>
    <message>
        <source>How long it takes to go to a scene</source>
        <translation>过渡到场景所需的时间</translation>
    </message>
    <message>
        <source>Fade</source>
        <translation>过渡</translation>
    </message>
    <message>
        <source>Set everything as you like it, type a name, store it</source>
        <translation>调好一切，输入名称，然后存储</translation>
    </message>
    <message>
        <source>Scene {} stored</source>
        <translation>场景 {} 已存储</translation>
    </message>
    <message>
        <source>Scene {} is now {}</source>
        <translation>场景 {} 现在叫 {}</translation>
    </message>
    <message>
        <source>Delete the scene {}?</source>
        <translation>删除场景 {}？</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>删除</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Scene {} deleted</source>
        <translation>场景 {} 已删除</translation>
    </message>
    <message>
        <source>Scene {} in {:.1f} s</source>
        <translation>{1:.1f} 秒内过渡到场景 {0}</translation>
    </message>
    <message>
        <source>Scene {}</source>
        <translation>场景 {}</translation>
    </message>
</context>
<context>
    <name>Screen</name>
    <message>
        <source>The film</source>
        <translation>影片</translation>
    </message>
    <message>
        <source>no film on this computer</source>
        <translation>这台电脑上没有该影片</translation>
    </message>
</context>
<context>
    <name>Song</name>
    <message>
        <source>Song</source>
        <translation>歌曲</translation>
    </message>
</context>
<context>
    <name>Spectrograms</name>
    <message>
        <source>Spectrograms before and after</source>
        <translation>处理前后的频谱图</translation>
    </message>
    <message>
        <source>BEFORE</source>
        <translation>处理前</translation>
    </message>
    <message>
        <source>AFTER</source>
        <translation>处理后</translation>
    </message>
    <message>
        <source>now</source>
        <translation>现在</translation>
    </message>
    <message>
        <source>-{} s</source>
        <translation>-{} 秒</translation>
    </message>
</context>
<context>
    <name>Status</name>
    <message>
        <source>Device …</source>
        <translation>设备…</translation>
    </message>
    <message>
        <source>Play with another input and output</source>
        <translation>更换输入与输出设备</translation>
    </message>
    <message>
        <source>Sample rate</source>
        <translation>采样率</translation>
    </message>
    <message>
        <source>Samples a second</source>
        <translation>每秒采样数</translation>
    </message>
    <message>
        <source>Latency</source>
        <translation>延迟</translation>
    </message>
    <message>
        <source>From the input to its effect on the output, without the device</source>
        <translation>从输入到输出效果的时间，不含设备</translation>
    </message>
    <message>
        <source>Load</source>
        <translation>负载</translation>
    </message>
    <message>
        <source>Share of the time that the audio thread needs, of late; 100 % is all</source>
        <translation>音频线程最近占用的时间份额；100 % 为全部</translation>
    </message>
    <message>
        <source>Worker</source>
        <translation>工作线程</translation>
    </message>
    <message>
        <source>Share of a core that the textures need beside it, of late</source>
        <translation>纹理最近另外占用的处理器核心份额</translation>
    </message>
    <message>
        <source>Xruns</source>
        <translation>断流</translation>
    </message>
    <message>
        <source>Buffers that the device lost</source>
        <translation>设备丢失的缓冲区数</translation>
    </message>
    <message>
        <source>Late</source>
        <translation>迟到</translation>
    </message>
    <message>
        <source>Time for which the dry sound stood in for the effect</source>
        <translation>由原声代替效果的时间</translation>
    </message>
    <message>
        <source>Playing on {}</source>
        <translation>正在 {} 上播放</translation>
    </message>
    <message>
        <source>Lost {}, looking for it</source>
        <translation>{} 已断开，正在寻找</translation>
    </message>
    <message>
        <source>No sound card</source>
        <translation>没有声卡</translation>
    </message>
    <message>
        <source>No device: silent</source>
        <translation>无设备：无声</translation>
    </message>
</context>
<context>
    <name>Taken</name>
    <message>
        <source>What the compressor takes, up to 20 dB</source>
        <translation>压缩器的压缩量，最多 20 dB</translation>
    </message>
</context>
<context>
    <name>Tile</name>
    <message>
        <source>Try: play the sound it was made of</source>
        <translation>试听：播放它的原始声音</translation>
    </message>
    <message>
        <source>A corner of the morph pad, or not</source>
        <translation>设为或取消变形板的角</translation>
    </message>
    <message>
        <source>A corner of the morph pad</source>
        <translation>变形板的角</translation>
    </message>
    <message>
        <source>Listen closer</source>
        <translation>细听</translation>
    </message>
    <message>
        <source>Remove this texture</source>
        <translation>移除此纹理</translation>
    </message>
</context>
<context>
    <name>Tiles</name>
    <message>
        <source>Drop a sound here, or click: it becomes a texture</source>
        <translation>将声音拖到此处或点击：它会变成纹理</translation>
    </message>
    <message>
        <source>There is no sound of {} to try</source>
        <translation>没有 {} 的声音可试听</translation>
    </message>
    <message>
        <source>A sound to be a texture</source>
        <translation>把声音变成纹理</translation>
    </message>
</context>
<context>
    <name>Timeline</name>
    <message>
        <source>What was heard in the last five minutes</source>
        <translation>最近五分钟听到的内容</translation>
    </message>
    <message>
        <source>Genre</source>
        <translation>流派</translation>
    </message>
    <message>
        <source>Key</source>
        <translation>调性</translation>
    </message>
    <message>
        <source>Tempo</source>
        <translation>速度</translation>
    </message>
    <message>
        <source>Loudness</source>
        <translation>响度</translation>
    </message>
    <message>
        <source>now</source>
        <translation>现在</translation>
    </message>
    <message>
        <source>{0} min</source>
        <translation>{0} 分钟</translation>
    </message>
    <message>
        <source>Motion, mood and markers of the film</source>
        <translation>影片的运动、情绪与标记</translation>
    </message>
    <message>
        <source>Notes</source>
        <translation>音符</translation>
    </message>
</context>
<context>
    <name>Upright</name>
    <message>
        <source>Drag, Shift for small steps, arrows; double click gives it back to the machine</source>
        <translation>拖动，Shift 为微调，方向键；双击交还给机器</translation>
    </message>
</context>
<context>
    <name>Waveform</name>
    <message>
        <source>Waveforms before and after</source>
        <translation>处理前后的波形</translation>
    </message>
    <message>
        <source>BEFORE</source>
        <translation>处理前</translation>
    </message>
    <message>
        <source>AFTER</source>
        <translation>处理后</translation>
    </message>
</context>
<context>
    <name>Welcome</name>
    <message>
        <source>Play the demo</source>
        <translation>播放演示</translation>
    </message>
    <message>
        <source>a piece of music that comes with it</source>
        <translation>自带的一段音乐</translation>
    </message>
    <message>
        <source>Open a song</source>
        <translation>打开歌曲</translation>
    </message>
    <message>
        <source>any file of yours, or drop one on this window</source>
        <translation>你的任何文件，也可以拖放到这个窗口</translation>
    </message>
    <message>
        <source>Choose a device</source>
        <translation>选择设备</translation>
    </message>
    <message>
        <source>an instrument or a voice, through your sound card</source>
        <translation>通过声卡接入的乐器或人声</translation>
    </message>
    <message>
        <source>What shall be heard?</source>
        <translation>想听什么？</translation>
    </message>
    <message>
        <source>The microphone is off: let in beside loudspeakers it would howl. Put on headphones first.</source>
        <translation>麦克风已关闭：在扬声器旁打开会啸叫。请先戴上耳机。</translation>
    </message>
    <message>
        <source>Let it in</source>
        <translation>打开麦克风</translation>
    </message>
</context>
<context>
    <name>Window</name>
    <message>
        <source>Undo</source>
        <translation>撤销</translation>
    </message>
    <message>
        <source>Take back what was turned last: Ctrl+Z. Again: Ctrl+Shift+Z</source>
        <translation>撤销最近的调节：Ctrl+Z。重做：Ctrl+Shift+Z</translation>
    </message>
    <message>
        <source>Learn MIDI</source>
        <translation>MIDI 学习</translation>
    </message>
    <message>
        <source>Bypass</source>
        <translation>旁通</translation>
    </message>
    <message>
        <source>Panic</source>
        <translation>静音</translation>
    </message>
    <message>
        <source>Phone</source>
        <translation>手机</translation>
    </message>
    <message>
        <source>Play it from a phone</source>
        <translation>用手机演奏</translation>
    </message>
    <message>
        <source>All keys</source>
        <translation>全部按键</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>按键</translation>
    </message>
    <message>
        <source>Drop a sound here: it becomes a texture</source>
        <translation>把声音拖放到这里：它会变成纹理</translation>
    </message>
    <message>
        <source>Drop a song here: it is played, and can be rendered</source>
        <translation>把歌曲拖放到这里：可以播放，也可以渲染</translation>
    </message>
    <message>
        <source>Texture</source>
        <translation>纹理</translation>
    </message>
    <message>
        <source>Live</source>
        <translation>现场</translation>
    </message>
    <message>
        <source>Files</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>Scenes</source>
        <translation>场景</translation>
    </message>
    <message>
        <source>Log</source>
        <translation>日志</translation>
    </message>
    <message>
        <source>Level</source>
        <translation>电平</translation>
    </message>
    <message>
        <source>Load</source>
        <translation>负载</translation>
    </message>
    <message>
        <source>Host</source>
        <translation>宿主</translation>
    </message>
    <message>
        <source>Mix</source>
        <translation>混合</translation>
    </message>
    <message>
        <source>Patch</source>
        <translation>音色</translation>
    </message>
    <message>
        <source>no host</source>
        <translation>无宿主</translation>
    </message>
    <message>
        <source>Host found at {}</source>
        <translation>已连接宿主 {}</translation>
    </message>
    <message>
        <source>Host lost</source>
        <translation>宿主已断开</translation>
    </message>
    <message>
        <source>Host lost: looking for it at {}</source>
        <translation>宿主已断开：正在 {} 寻找</translation>
    </message>
    <message>
        <source>The host at {} is gone. It was not started here: start it again, and the window joins it</source>
        <translation>{} 的宿主已结束。它不是由本窗口启动的：重新启动它，窗口会自动加入</translation>
    </message>
    <message>
        <source>Waiting for the host; the very first start takes up to half a minute</source>
        <translation>正在等待宿主；首次启动最多需要半分钟</translation>
    </message>
    <message>
        <source>No host at {} yet: start it, and the window joins it</source>
        <translation>{} 还没有宿主：启动它，窗口会自动加入</translation>
    </message>
    <message>
        <source>Device lost: {}. The host plays on and looks for it</source>
        <translation>设备已断开：{}。宿主继续运行并寻找它</translation>
    </message>
    <message>
        <source>There is no sound card: nothing is heard until there is one, all else works</source>
        <translation>没有声卡：在接上之前听不到声音，其他一切正常</translation>
    </message>
    <message>
        <source>Click a control, then move a knob of your MIDI controller</source>
        <translation>点击一个控件，然后转动 MIDI 控制器的旋钮</translation>
    </message>
    <message>
        <source>There is no MIDI input: choose one under Device …</source>
        <translation>没有 MIDI 输入：请在“设备…”中选择</translation>
    </message>
    <message>
        <source>{} becomes a texture</source>
        <translation>{} 正在变成纹理</translation>
    </message>
    <message>
        <source>Making the demo music …</source>
        <translation>正在生成演示音乐…</translation>
    </message>
    <message>
        <source>The microphone is on. If it howls: Esc, then headphones</source>
        <translation>麦克风已打开。如果啸叫：按 Esc，然后戴上耳机</translation>
    </message>
</context>
<context>
    <name>host</name>
    <message>
        <source>texture</source>
        <translation>纹理</translation>
    </message>
    <message>
        <source>water</source>
        <translation>水</translation>
    </message>
    <message>
        <source>laser</source>
        <translation>激光</translation>
    </message>
    <message>
        <source>future</source>
        <translation>未来</translation>
    </message>
    <message>
        <source>rain</source>
        <translation>雨</translation>
    </message>
    <message>
        <source>fire</source>
        <translation>火</translation>
    </message>
    <message>
        <source>wind</source>
        <translation>风</translation>
    </message>
    <message>
        <source>glass</source>
        <translation>玻璃</translation>
    </message>
    <message>
        <source>metal</source>
        <translation>金属</translation>
    </message>
    <message>
        <source>bells</source>
        <translation>钟</translation>
    </message>
    <message>
        <source>static</source>
        <translation>静电</translation>
    </message>
    <message>
        <source>birds</source>
        <translation>鸟</translation>
    </message>
    <message>
        <source>waves</source>
        <translation>海浪</translation>
    </message>
    <message>
        <source>choir</source>
        <translation>合唱</translation>
    </message>
    <message>
        <source>arpeggio</source>
        <translation>琶音</translation>
    </message>
    <message>
        <source>strength</source>
        <translation>强度</translation>
    </message>
    <message>
        <source>tone</source>
        <translation>音色</translation>
    </message>
    <message>
        <source>brightness</source>
        <translation>亮度</translation>
    </message>
    <message>
        <source>noise</source>
        <translation>噪声</translation>
    </message>
    <message>
        <source>freeze</source>
        <translation>冻结</translation>
    </message>
    <message>
        <source>seed</source>
        <translation>随机种子</translation>
    </message>
    <message>
        <source>quality</source>
        <translation>音质</translation>
    </message>
    <message>
        <source>mix</source>
        <translation>混合</translation>
    </message>
    <message>
        <source>amount</source>
        <translation>比例</translation>
    </message>
    <message>
        <source>output</source>
        <translation>输出</translation>
    </message>
    <message>
        <source>gain</source>
        <translation>增益</translation>
    </message>
    <message>
        <source>limiter</source>
        <translation>限幅器</translation>
    </message>
    <message>
        <source>ceiling</source>
        <translation>上限</translation>
    </message>
    <message>
        <source>release</source>
        <translation>释放</translation>
    </message>
    <message>
        <source>share of water; the shares are relative, and below 1 in sum they lower the strength</source>
        <translation>水的份额；各份额是相对的，总和低于 1 时强度降低</translation>
    </message>
    <message>
        <source>share of laser; the shares are relative, and below 1 in sum they lower the strength</source>
        <translation>激光的份额；各份额是相对的，总和低于 1 时强度降低</translation>
    </message>
    <message>
        <source>share of future; the shares are relative, and below 1 in sum they lower the strength</source>
        <translation>未来的份额；各份额是相对的，总和低于 1 时强度降低</translation>
    </message>
    <message>
        <source>share of rain; the shares are relative, and below 1 in sum they lower the strength</source>
        <translation>雨的份额；各份额是相对的，总和低于 1 时强度降低</translation>
    </message>
    <message>
        <source>share of fire; the shares are relative, and below 1 in sum they lower the strength</source>
        <translation>火的份额；各份额是相对的，总和低于 1 时强度降低</translation>
    </message>
    <message>
        <source>share of wind; the shares are relative, and below 1 in sum they lower the strength</source>
        <translation>风的份额；各份额是相对的，总和低于 1 时强度降低</translation>
    </message>
    <message>
        <source>share of glass; the shares are relative, and below 1 in sum they lower the strength</source>
        <translation>玻璃的份额；各份额是相对的，总和低于 1 时强度降低</translation>
    </message>
    <message>
        <source>share of metal; the shares are relative, and below 1 in sum they lower the strength</source>
        <translation>金属的份额；各份额是相对的，总和低于 1 时强度降低</translation>
    </message>
    <message>
        <source>share of bells; the shares are relative, and below 1 in sum they lower the strength</source>
        <translation>钟的份额；各份额是相对的，总和低于 1 时强度降低</translation>
    </message>
    <message>
        <source>share of static; the shares are relative, and below 1 in sum they lower the strength</source>
        <translation>静电的份额；各份额是相对的，总和低于 1 时强度降低</translation>
    </message>
    <message>
        <source>share of birds; the shares are relative, and below 1 in sum they lower the strength</source>
        <translation>鸟的份额；各份额是相对的，总和低于 1 时强度降低</translation>
    </message>
    <message>
        <source>share of waves; the shares are relative, and below 1 in sum they lower the strength</source>
        <translation>海浪的份额；各份额是相对的，总和低于 1 时强度降低</translation>
    </message>
    <message>
        <source>share of choir; the shares are relative, and below 1 in sum they lower the strength</source>
        <translation>合唱的份额；各份额是相对的，总和低于 1 时强度降低</translation>
    </message>
    <message>
        <source>share of arpeggio; the shares are relative, and below 1 in sum they lower the strength</source>
        <translation>琶音的份额；各份额是相对的，总和低于 1 时强度降低</translation>
    </message>
    <message>
        <source>0 keeps the music as it is, 1 gives most to the texture</source>
        <translation>0 保持原有音乐,1 最偏向纹理</translation>
    </message>
    <message>
        <source>how far the music&apos;s long-term spectrum goes towards the texture&apos;s</source>
        <translation>音乐的长期频谱向纹理靠近的程度</translation>
    </message>
    <message>
        <source>above this the texture falls by 12 dB an octave</source>
        <translation>高于此频率，纹理每倍频程衰减 12 dB</translation>
    </message>
    <message>
        <source>how much of its own noise the texture adds, 1 as it was made</source>
        <translation>纹理加入自身噪声的多少,1 为原样</translation>
    </message>
    <message>
        <source>hold the texture&apos;s own movement still</source>
        <translation>让纹理自身的运动静止</translation>
    </message>
    <message>
        <source>off</source>
        <translation>关</translation>
    </message>
    <message>
        <source>on</source>
        <translation>开</translation>
    </message>
    <message>
        <source>another course of the texture&apos;s chances</source>
        <translation>纹理随机过程的另一种走向</translation>
    </message>
    <message>
        <source>how often the phases of a hop are improved</source>
        <translation>每帧相位的优化次数</translation>
    </message>
    <message>
        <source>lofi</source>
        <translation>低</translation>
    </message>
    <message>
        <source>standard</source>
        <translation>标准</translation>
    </message>
    <message>
        <source>hifi</source>
        <translation>高</translation>
    </message>
    <message>
        <source>0 is dry, 1 is wet</source>
        <translation>0 为原声,1 为效果声</translation>
    </message>
    <message>
        <source>-60 is silence</source>
        <translation>-60 为静音</translation>
    </message>
    <message>
        <source>the highest true peak that leaves</source>
        <translation>输出的最高真峰值</translation>
    </message>
    <message>
        <source>time constant of the way back to full level</source>
        <translation>恢复到满电平的时间常数</translation>
    </message>
</context>
<context>
    <name>listen</name>
    <message>
        <source>unsure</source>
        <translation>不确定</translation>
    </message>
</context>
<context>
    <name>pages</name>
    <message>
        <source>Listening</source>
        <translation>聆听</translation>
    </message>
    <message>
        <source>Score</source>
        <translation>配乐</translation>
    </message>
    <message>
        <source>Desk</source>
        <translation>调音台</translation>
    </message>
</context>
</TS>
