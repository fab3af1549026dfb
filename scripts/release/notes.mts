// Prints what CHANGELOG.md says of the version that package.json has. Runs before anything is installed.
import { readFile } from "node:fs/promises";

const { version } = JSON.parse(await readFile("package.json", "utf8"));
const sections = (await readFile("CHANGELOG.md", "utf8")).split(/^## /m);
const notes = sections.find((section) => section.startsWith(`${version}\n`));
if (notes === undefined) throw new Error(`CHANGELOG.md says nothing of ${version}`);
console.log(notes.slice(version.length).trim());
