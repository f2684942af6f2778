// The song's waveform with the part that is cut out, drawn from peaks that the service found.

import WaveSurfer from "./vendor/wavesurfer.js";
import Regions from "./vendor/regions.js";

const nonce = document.querySelector("meta[name=nonce]").content;
const LEAST = .1;  // seconds of a cut
const EDGE = 14;  // pixels of it that a finger can take

export function wave(element, address, peaks, seconds, cut, changed) {
  const media = new Audio(address);
  media.preload = "metadata";
  const regions = Regions.create();
  const surfer = WaveSurfer.create({
    container: element, media, peaks: [peaks.high, peaks.low.map(v => -v)], duration: seconds, plugins: [regions], cspNonce: nonce,
    height: 96, waveColor: "#2a6f80", progressColor: "#35c2e0", cursorColor: "#e8edf2", normalize: true, dragToSeek: false,
  });
  let region = null;
  const isPart = () => cut.from > 0 || cut.to < seconds;
  const grip = () => {  // who drags over all of a song cuts it, over a part moves that, at its edges makes it longer
    region.element.style.pointerEvents = isPart() ? "auto" : "none";
    for (const edge of region.element.querySelectorAll("[part~=region-handle]")) Object.assign(edge.style, { pointerEvents: "auto", width: `${EDGE}px` });
  };
  const put = () => {
    regions.clearRegions();
    region = regions.addRegion({ start: cut.from, end: cut.to, color: "rgba(53, 194, 224, .16)", drag: true, resize: true });
    grip();
  };
  const take = r => {
    cut.from = Math.max(r.start, 0);
    cut.to = Math.min(Math.max(r.end, cut.from + LEAST), seconds);
    grip();
    changed();
  };
  surfer.on("ready", put);
  regions.enableDragSelection({ color: "rgba(53, 194, 224, .16)" });
  regions.on("region-created", r => {
    if (region && r !== region) {
      region.remove();
      region = r;
      take(r);
    }
  });
  regions.on("region-updated", take);
  surfer.on("timeupdate", time => { if (time >= cut.to && !media.paused) media.pause(); });
  return {
    media,
    surfer,
    put,
    async toggle() {
      if (!media.paused) return media.pause();
      window.dispatchEvent(new CustomEvent("silence", { detail: media }));
      if (media.currentTime < cut.from || media.currentTime >= cut.to - .05) media.currentTime = cut.from;
      await media.play();
    },
    close() { media.pause(); surfer.destroy(); },
  };
}
