// node check.mjs FILE...: every Mermaid block of these pages is one that Mermaid reads. Exit status 1 where one isn't.
import { readFile } from "node:fs/promises";
import { JSDOM } from "jsdom";

// Mermaid looks for a document as it is loaded, to clean labels with.
globalThis.window = new JSDOM("").window;
globalThis.document = window.document;
const { default: mermaid } = await import("mermaid");

const BLOCK = /^```mermaid\n(.*?)^```$/gms;

function lineOf(text, position) {
  return text.slice(0, position).split("\n").length;
}

async function complaints(page) {
  const text = await readFile(page, "utf8");
  const blocks = [...text.matchAll(BLOCK)];
  const read = await Promise.allSettled(blocks.map(([, diagram]) => mermaid.parse(diagram)));
  const refused = read.flatMap(({ reason }, number) =>
    reason ? [`${page}:${lineOf(text, blocks[number].index)}: ${reason.message}`] : [],
  );
  return { diagrams: blocks.length, refused };
}

const checked = await Promise.all(process.argv.slice(2).map(complaints));
const refused = checked.flatMap((page) => page.refused);
refused.forEach((complaint) => console.error(complaint));
const diagrams = checked.reduce((sum, page) => sum + page.diagrams, 0);
console.log(`${diagrams - refused.length} diagrams are read, ${refused.length} are not`);
process.exitCode = refused.length > 0 || diagrams === 0 ? 1 : 0;
