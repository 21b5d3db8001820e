// Draws labels with zpl-renderer-js (the module named on the command line): a JSON line in, a JSON line out.
import { createInterface } from "node:readline";

const { ready } = await import(process.argv[2]);
const { api } = await ready;
for await (const line of createInterface({ input: process.stdin })) {
  const { zpl, width, height, dots } = JSON.parse(line);
  const answer = { labels: [], error: "" };
  try {
    answer.labels = await api.zplToBase64MultipleAsync(zpl, width, height, dots);
  } catch (problem) {
    answer.error = String(problem);
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
}
process.exit(0);
