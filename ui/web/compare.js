// Before and after from one file: its first channels are the song, its last ones the result, so they share every sample.

let context = null;

// A player of such a file. tell() is called when anything changed.
export function player(address, channels, tell) {
  const audio = new Audio();
  audio.preload = "metadata";
  audio.src = address;
  let gains = null, after = true;
  function connect() {
    if (gains) return;
    context = context || new AudioContext();
    const source = context.createMediaElementSource(audio);
    const split = context.createChannelSplitter(2 * channels), merge = context.createChannelMerger(2);
    source.channelInterpretation = split.channelInterpretation = "discrete";
    source.connect(split);
    gains = [0, 1].map(which => {
      const pair = [0, 1].map(ear => {
        const gain = context.createGain();
        split.connect(gain, which * channels + Math.min(ear, channels - 1));
        gain.connect(merge, 0, ear);
        return gain.gain;
      });
      return pair;
    });
    merge.connect(context.destination);
    balance(0);
  }
  function balance(time) {  // seconds of the fade
    gains.forEach((pair, which) => pair.forEach(gain => {
      const value = Number((which === 1) === after);
      if (time) gain.setTargetAtTime(value, context.currentTime, time); else gain.value = value;
    }));
  }
  const silence = e => { if (e.detail !== audio) audio.pause(); };
  window.addEventListener("silence", silence);  // whatever else begins to play
  for (const event of ["play", "pause", "ended", "timeupdate", "loadedmetadata"]) audio.addEventListener(event, () => tell());
  return {
    audio,
    get after() { return after; },
    get playing() { return !audio.paused; },
    get at() { return audio.duration ? audio.currentTime / audio.duration : 0; },
    async toggle() {
      connect();
      await context.resume();
      if (audio.paused) {
        window.dispatchEvent(new CustomEvent("silence", { detail: audio }));
        await audio.play();
      } else audio.pause();
    },
    hear(which) {
      after = which;
      if (gains) balance(.004);
      tell();
    },
    seek(share) { if (audio.duration) audio.currentTime = share * audio.duration; },
    close() { window.removeEventListener("silence", silence); audio.pause(); audio.removeAttribute("src"); audio.load(); },
  };
}
