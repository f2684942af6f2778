// A recording from the microphone, as a file.

import { t } from "./words.js";

let recorder = null;

export const recording = () => recorder !== null;

export async function record() {  // resolves with the file when `stop` is called
  if (!navigator.mediaDevices) throw new Error(t("browsers give it to pages of this computer or by https alone"));
  const refused = error => { throw new Error({ NotAllowedError: t("it was not allowed"), NotFoundError: t("there is none") }[error.name] || error.message); };
  const stream = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false } }).catch(refused);
  const kind = ["audio/webm;codecs=opus", "audio/mp4"].find(k => MediaRecorder.isTypeSupported(k));
  const pieces = [];
  recorder = new MediaRecorder(stream, { mimeType: kind, audioBitsPerSecond: 256_000 });
  recorder.ondataavailable = e => pieces.push(e.data);
  const ended = new Promise(resolve => { recorder.onstop = resolve; });
  recorder.start(1000);
  await ended;
  recorder = null;
  stream.getTracks().forEach(track => track.stop());
  const name = `recording-${new Date().toISOString().slice(0, 19).replace(/[:T]/g, "-")}`;
  return new File(pieces, `${name}.${kind.includes("webm") ? "webm" : "m4a"}`, { type: kind });
}

export const stop = () => recorder?.stop();
