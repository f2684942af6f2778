// Plays pieces one behind the other, without a gap.
//
// The service gives samples at this browser's own rate. They are laid end to end on the clock of the sound card, some
// seconds ahead: the first sample of a piece follows the last of the one before it, whatever else the page does.

import { headers, refused } from "../api.js";

const FIRST = .5, PIECE = 4;  // seconds that are asked for at once
const AHEAD = 14;  // seconds that are laid out: a page in the background is woken once a second at least
const GIVE_UP = 20;  // pieces in a row that cannot be played
const SOON = .08;  // seconds until the first sample
const FADE = .012;  // seconds, where the sound is cut

export class Deck {
  // next(piece): the piece that follows, or null.  tell(what, piece, text): "piece", "end", "trouble", "state".
  constructor(next, tell) {
    this.next = next;
    this.tell = tell;
    this.spans = [];  // {piece, lap, first: its frame, at: frame of the clock, frames, node}
    this.laps = 0;  // counts the pieces that were laid out: one that is repeated has another number each time
    this.piece = null;
    this.playing = false;
    this.texture = "";
    this.mix = 1;
    this.volume = 1;
    this.turn = 0;  // counts what was begun: what an older one still fetches is thrown away
    this.held = 0;  // seconds in the piece, while nothing is laid out
  }

  open() {
    if (this.context) return;
    this.context = new AudioContext({ latencyHint: "playback" });
    this.rate = this.context.sampleRate;
    this.out = this.context.createGain();
    this.level = this.context.createGain();
    this.level.gain.value = this.volume;
    this.out.connect(this.level).connect(this.context.destination);
    this.timer = setInterval(() => this.look(), 200);
    this.anchor = anchor();
  }

  // Begin a piece at so many seconds.
  async play(piece, seconds = 0) {
    this.open();
    const turn = this.cut();
    this.piece = piece;
    this.held = seconds;
    this.playing = true;
    this.waiting = true;
    this.tell("piece", piece);
    this.anchor.play().catch(() => {});
    await this.context.resume();
    this.fill(turn, piece, Math.round(seconds * this.rate), true);
  }

  async toggle() {
    if (!this.piece) return;
    if (this.playing) {
      this.playing = false;
      this.anchor?.pause();
      await this.context.suspend();
    } else if (this.context && (this.spans.length || this.waiting)) {
      this.playing = true;
      this.anchor.play().catch(() => {});
      await this.context.resume();
    } else return this.play(this.piece, this.held);
    this.tell("state", this.piece);
  }

  // The piece is shown, and played from there when one asks.
  load(piece, seconds = 0) {
    this.cut();
    this.piece = piece;
    this.held = seconds;
    this.playing = false;
    this.tell("piece", piece);
  }

  async stop() {
    this.cut();
    this.piece = null;
    this.playing = false;
    this.held = 0;
    this.anchor?.pause();
    await this.context?.suspend();
    this.tell("state", null);
  }

  seek(seconds) {
    if (this.playing) return this.play(this.piece, seconds);
    this.load(this.piece, seconds);
  }

  // The same place with another sound.
  again() {
    if (this.piece) this.seek(this.position);
  }

  // What follows has changed: what was laid out of it is taken away.
  renew() {
    const heard = this.span();
    if (!heard || (!this.reached && this.fetching === heard.lap)) return;
    const last = this.spans.findLast(span => span.lap === heard.lap), turn = ++this.turn;
    for (const span of this.spans.splice(this.spans.indexOf(last) + 1)) span.node.stop();
    this.end = last.at + last.frames;
    this.reached = false;
    this.fill(turn, last.piece, last.first + last.frames, false, last.lap);
  }

  set loudness(value) {
    this.volume = value;
    if (this.level) this.level.gain.setTargetAtTime(value, this.context.currentTime, .02);
  }

  get position() {  // seconds in the piece that is heard
    const span = this.span();
    return span ? (span.first + Math.min(Math.max(this.now() - span.at, 0), span.frames)) / this.rate : this.held;
  }

  now() { return this.context.currentTime * this.rate; }

  span() {
    if (!this.spans.length) return null;
    const now = this.now();
    return this.spans.find(span => now < span.at + span.frames) || this.spans[this.spans.length - 1];
  }

  cut() {
    const now = this.context?.currentTime;
    if (this.spans.length && this.playing) {
      this.out.gain.setTargetAtTime(0, now, FADE / 4);
      const old = this.out;
      this.out = this.context.createGain();
      this.out.connect(this.level);
      setTimeout(() => old.disconnect(), 200);
      for (const span of this.spans) span.node.stop(now + FADE);
    } else for (const span of this.spans) { span.node.stop(); span.node.disconnect(); }
    this.spans = [];
    this.end = 0;
    this.reached = this.waiting = false;
    return ++this.turn;
  }

  // Lay out samples from this frame of the piece on, as far as AHEAD, and what follows it.
  async fill(turn, piece, frame, fresh, lap = ++this.laps) {
    let failed = 0, unplayable = 0;
    while (turn === this.turn) {
      this.fetching = lap;
      if (this.end - this.now() > AHEAD * this.rate) { await this.rest(); continue; }
      const count = Math.round((fresh ? FIRST : PIECE) * this.rate);
      let data;
      try {
        data = await this.fetch(piece, frame, count);
        failed = unplayable = 0;
      } catch (error) {
        if (turn !== this.turn) return;
        if (!error.status && ++failed < 20) { await this.rest(Math.min(250 * 2 ** failed, 5000)); continue; }  // the line broke
        this.tell("trouble", piece, error.message);
        if (++unplayable > GIVE_UP) { this.reached = true; return; }
        data = new Int16Array(0);
      }
      if (turn !== this.turn) return;
      const frames = data.length / 2;
      if (frames) this.lay(piece, lap, frame, data, frames);
      frame += frames;
      fresh = false;
      if (frames < count) {
        piece = this.next(piece);
        lap = ++this.laps;
        frame = 0;
        if (!piece) { this.reached = true; return; }
      }
    }
  }

  async fetch(piece, frame, count) {
    const texture = this.texture ? `&textures=${this.texture}&mix=${this.mix}` : "";
    const path = `/music/pieces/${piece.id}/samples?rate=${this.rate}&first=${frame}&count=${count}${texture}`;
    const response = await fetch(path, { headers: headers() });
    if (!response.ok) throw await refused(response);
    return new Int16Array(await response.arrayBuffer());
  }

  lay(piece, lap, first, data, frames) {
    const buffer = this.context.createBuffer(2, frames, this.rate);
    for (let c = 0; c < 2; c++) {
      const x = buffer.getChannelData(c);
      for (let n = 0, k = c; n < frames; n++, k += 2) x[n] = data[k] / 32768;
    }
    const soonest = Math.ceil(this.now() + SOON * this.rate);
    if (!this.end || this.end < soonest) {  // at the beginning, or what should have come did not
      if (this.end) this.late = (this.late || 0) + 1;
      this.end = soonest;
    }
    const node = this.context.createBufferSource();
    node.buffer = buffer;
    node.connect(this.out);
    node.start(this.end / this.rate);
    this.spans.push({ piece, lap, first, at: this.end, frames, node });
    this.end += frames;
    this.waiting = false;
  }

  // What is heard now?
  look() {
    const now = this.now();
    while (this.spans.length > 1 && now >= this.spans[0].at + this.spans[0].frames) this.spans.shift();
    const span = this.spans[0];
    if (!span) return;
    if (now >= span.at + span.frames) {
      if (!this.reached) return;  // the next samples are late
      this.spans = [];
      this.held = 0;
      this.playing = false;
      this.anchor.pause();
      this.tell("end", this.piece);
    } else if (span.piece !== this.piece) {
      const before = this.piece;
      this.piece = span.piece;
      this.tell("piece", span.piece, before);
    }
  }

  rest(ms = 250) { return new Promise(resolve => setTimeout(resolve, ms)); }
}

// Ten seconds of silence, again and again: to it a browser binds the keys for play and pause, and the lock screen.
function anchor() {
  const rate = 8000, frames = 10 * rate, view = new DataView(new ArrayBuffer(44 + frames));
  const text = (at, s) => [...s].forEach((c, i) => view.setUint8(at + i, c.charCodeAt(0)));
  text(0, "RIFF"); view.setUint32(4, 36 + frames, true); text(8, "WAVEfmt "); view.setUint32(16, 16, true);
  view.setUint16(20, 1, true); view.setUint16(22, 1, true); view.setUint32(24, rate, true); view.setUint32(28, rate, true);
  view.setUint16(32, 1, true); view.setUint16(34, 8, true); text(36, "data"); view.setUint32(40, frames, true);
  for (let n = 44; n < 44 + frames; n++) view.setUint8(n, 128);
  const audio = new Audio(URL.createObjectURL(new Blob([view], { type: "audio/wav" })));
  audio.loop = true;
  return audio;
}
