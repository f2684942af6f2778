// In the browser's audio thread: hands on what passes, mixed to mono, two seconds at a time.

registerProcessor("tap", class extends AudioWorkletProcessor {
  constructor() {
    super();
    this.held = new Float32Array(2 * sampleRate);
    this.count = 0;
  }
  process([input]) {
    if (!input.length) return true;
    for (let n = 0; n < input[0].length; n++) {
      let value = 0;
      for (const channel of input) value += channel[n];
      this.held[this.count++] = value / input.length;
      if (this.count === this.held.length) {
        this.port.postMessage(this.held.slice());
        this.count = 0;
      }
    }
    return true;
  }
});
