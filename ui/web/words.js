// What the page says, in English and Chinese: the English words are the keys.

const CHINESE = {
  "connecting": "正在连接", "connected": "已连接", "not connected": "未连接", "try again": "重试",
  "Mix stems": "混音", "Score a film": "电影配乐", "Results": "结果", "Save": "保存", "Remove": "移除",
  "What you make appears here, and is found again when you come back.": "制作的内容显示在这里，再次打开时仍会找到。",
  "Stems": "分轨", "Mix the stems": "开始混音", "Drop the stems of one song here": "把一首歌的分轨拖到这里", "Choose files": "选择文件",
  "Up to 16, as vocals.wav, drums.wav, bass.wav: their names tell what they are.": "最多 16 个，例如 vocals.wav、drums.wav、bass.wav：名称说明各是什么。",
  "Like": "参考", "A song that it is to be like": "希望接近的歌曲", "Choose the stems first.": "请先选择分轨。",
  "The files are still on their way.": "文件仍在上传。", "{0} stems": "{0} 个分轨", "like a song": "参考一首歌",
  "What the desk did, and why": "调音台做了什么，为什么", "Film": "电影", "Drop a film here": "把电影拖到这里",
  "Choose a film": "选择电影", "Choose a film first.": "请先选择电影。", "Music": "音乐", "Mood": "情绪",
  "as the film": "由画面决定", "happy": "欢快", "tense": "紧张", "sad": "忧伤", "calm": "平静",
  "The film's own sound": "电影原声", "gives way to speech": "为对白让位", "stays": "保留", "is left out": "去掉",
  "How faint a movement it meets": "对细微动作的敏感度", "Other music": "换一段音乐", "Score": "配乐", "{0} beats a minute": "每分钟 {0} 拍",
  "Places": "页面", "Textures": "质感", "Music library": "音乐库",
  "The textures are being prepared, once ...": "正在准备质感，仅需一次……",
  "Song": "歌曲", "Drop a song here": "把歌曲拖到这里", "Choose a file": "选择文件", "Record": "录音", "Stop": "停止",
  "Play": "播放", "Pause": "暂停", "from": "从", "to": "到", "All of it": "全部", "Another song": "换一首",
  "Delete my song": "删除我的歌曲", "Texture": "质感", "Blend pad": "混合面板",
  "A tap chooses one; a finger that goes sideways blends.": "点按选择一种；手指左右滑动可混合多种。",
  "Sound": "声音", "Mix": "混合比例", "Strength": "强度", "Quality": "质量", "Bring it to -14 LUFS": "响度调整到 -14 LUFS",
  "Try 6 seconds": "试听 6 秒", "Render": "渲染", "Renders": "渲染结果",
  "What you render appears here, and is found again when you come back.": "渲染结果显示在这里，再次打开时仍会找到。",
  "This service asks for its token:": "此服务需要口令：", "Enter": "进入", "That is not its token. Try again:": "口令不对，请重试：",
  "up to {0}, {1} minutes": "最大 {0}，最长 {1} 分钟", "kept until {0}": "保存至 {0}", "sending": "正在上传",
  "Looking at the song": "正在分析歌曲", "A sound of your own": "自己的声音", "Listen to {0}": "试听 {0}",
  "lofi": "快速", "standard": "标准", "hifi": "高保真", "about {0}": "约 {0}",
  "waiting": "排队中", "rendering": "渲染中", "compiling for this machine, once:": "正在为本机编译（仅一次）：", "done": "完成", "failed": "失败", "cancelled": "已取消",
  "{0} left": "剩余 {0}", "Cancel": "取消", "Delete": "删除", "Again": "再来一次", "Save as": "另存为",
  "before": "之前", "after": "之后", "Before": "之前", "After": "之后", "making {0}": "正在生成 {0}",
  "Choose a song first.": "请先选择歌曲。", "Choose a texture first.": "请先选择质感。",
  "The microphone cannot be used: {0}": "无法使用麦克风：{0}", "it was not allowed": "未获许可", "there is none": "没有麦克风",
  "browsers give it to pages of this computer or by https alone": "浏览器只把麦克风提供给本机页面或 https 页面",
  "The sound is no longer on the service: send it again.": "服务器上已没有这个声音：请重新上传。", "Remove {0}": "移除 {0}",
  "Delete the song and all its renders from the service?": "从服务器删除这首歌和它的所有渲染结果？",
  "The song is no longer on the service: send it again.": "服务器上已没有这首歌：请重新上传。",
  "the connection was lost": "连接已断开", "water": "水", "laser": "激光", "future": "未来", "rain": "雨", "fire": "火", "wind": "风",
  "glass": "玻璃", "metal": "金属", "bells": "钟", "static": "静电", "birds": "鸟", "waves": "海浪", "choir": "合唱",
  "arpeggio": "琶音", "Share of {0}": "{0} 的份额", "Position": "位置", "Blend of {0}": "{0} 的混合",
};

const SUBJECTS = { "the song": "歌曲", "the reference": "参考歌曲" };

// Sentences of the service; what stands in brackets is put in. What is not here is shown as it came.
const SENTENCES = [
  [/^(.+) is no sound file that can be read \(.*\)$/, "{0}不是可以读取的声音文件"],
  [/^(.+) has no audio stream$/, "{0}里没有声音"],
  [/^(.+) holds no (?:samples|sound that can be decoded)$/, "{0}里没有可以解码的声音"],
  [/^(.+) cannot be read: it is damaged from its beginning on$/, "{0}无法读取：从开头起就已损坏"],
  [/^(.+) is longer than the ([\d.]+) minutes that are taken$/, "{0}超过了允许的 {1} 分钟"],
  [/^the file is empty$/, "文件是空的"],
  [/^(\d+) MB are more than the (\d+) that are taken$/, "{0} MB 超过了允许的 {1} MB"],
  [/^with it you would have ([\d.]+) GB here: delete a song first$/, "加上它您在此将有 {0} GB：请先删除一首歌"],
  [/^you have (\d+) uploads under way, which is as many as may be$/, "您已有 {0} 个文件正在上传，不能再多"],
  [/^(?:you have|there are) (\d+) jobs waiting, .* in (\d+) s$/, "已有 {0} 个任务在排队，不能再多：请在 {1} 秒后重试"],
  [/^you ask too often$/, "请求过于频繁"],
  [/^the disk of the service is full.*$/, "服务器的磁盘已满：请删除歌曲，或稍后再试"],
  [/^it needs more memory than a job may have$/, "它需要的内存超过了一个任务的限额"],
  [/^it took longer than a job of its length may$/, "它用的时间超过了这样长度的任务的限额"],
  [/^it hung, and was given up$/, "它停住了，已放弃"],
  [/^it makes the decoder or the model (?:crash|give up)$/, "它使解码器或模型崩溃"],
  [/^(.+) has (.+): they are mixed to stereo \(ITU-R BS\.775\)$/, "{0}有 {1}：已混合为立体声（ITU-R BS.775）"],
  [/^(.+) holds sound alone: a film is needed$/, "{0}里只有声音，没有画面"],
  [/^there is no such (?:job|song), or its time is over$/, "服务器上已没有它，或已过期"],
];

export function said(sentence) {
  const found = language === "zh" && SENTENCES.find(([known]) => known.test(sentence));
  if (!found) return sentence;
  const parts = found[0].exec(sentence).slice(1);
  return parts.reduce((text, part, i) => text.replace(`{${i}}`, () => SUBJECTS[part] || part), found[1]);
}

export function add(words) { Object.assign(CHINESE, words); }  // those of a page of its own

let language = localStorage.getItem("language") || (navigator.language.startsWith("zh") ? "zh" : "en");

export function t(text, ...values) {
  const said = language === "zh" ? CHINESE[text] ?? text : text;
  return values.reduce((s, value, i) => s.replace(`{${i}}`, () => value), said);
}


export function chinese() { return language === "zh"; }

export function change() {
  language = chinese() ? "en" : "zh";
  localStorage.setItem("language", language);
}

export function say() {  // all words of the page that stand in it
  document.documentElement.lang = chinese() ? "zh-CN" : "en";
  for (const e of document.querySelectorAll("[data-t]")) e.textContent = t(e.dataset.t);
}

export function duration(seconds) {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  if (seconds < 99.5) return `${Math.round(seconds)} s`;
  return `${Math.round(seconds / 60)} min`;
}

export function clock(seconds) {  // 83.25 as 1:23.3
  const tenths = Math.round(10 * seconds);
  return `${Math.floor(tenths / 600)}:${String(((tenths % 600) / 10).toFixed(1)).padStart(4, "0")}`;
}

export function size(bytes) {
  return bytes < 1e6 ? `${Math.max(Math.round(bytes / 1e3), 1)} kB` : bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

export function day(seconds) {
  return new Date(1000 * seconds).toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
}
