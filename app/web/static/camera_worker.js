// Reads codes off pictures, beside the page and not in its way: zxing-cpp as WebAssembly, which the policy of this worker
// alone lets run. A message in is a picture; the answer is what stands on it, each with its AIM identifier in front, as a
// scanner sends it, or why nothing can be read here at all.

importScripts("vendor/zxing.js");

const READS = {
  formats: ["Code128", "Code39", "ITF", "EANUPC", "DataBar", "DataMatrix", "QRCode"],
  textMode: "Plain",   // the group separator stays what it is
  tryHarder: true,
  maxNumberOfSymbols: 4,
};
const reader = ZXingWASM.prepareZXingModule({
  overrides: { locateFile: () => new URL("vendor/zxing.wasm", location).href },
  fireImmediately: true,
});
reader.catch(() => {});   // told with the first picture

onmessage = async ({ data }) => {
  try {
    await reader;
    const found = await ZXingWASM.readBarcodes(data, READS);
    postMessage({ read: found.filter(one => one.isValid && one.text).map(one => one.symbologyIdentifier + one.text) });
  } catch (problem) {
    postMessage({ problem: String(problem) });
  }
};
