// `npm run arguments`: writes the types and the README's table of what `provider/arguments/` describes, and then,
// from the docstrings, docs/reference/.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { groups, resources } from "../dist/provider/arguments/description.js";
import { renderArgs, renderInputs, withTables } from "./arguments/render.mts";
import { run } from "./run-process.mjs";
import { repository } from "./setup.mjs";

const description = { groups, resources };
const written = [
	["provider/args.ts", () => renderArgs(description)],
	["provider/arguments/inputs.ts", () => renderInputs(description)],
	["README.md", (text: string) => withTables(text, description)],
] as const;

for (const [file, render] of written) {
	const path = join(repository, file);
	writeFileSync(path, render(readFileSync(path, { encoding: "utf8", flag: "a+" })));
}
const sources = written.map(([file]) => file).filter((file) => file.endsWith(".ts"));
const steps = [
	["@biomejs/biome/bin/biome", "format", "--write", ...sources],
	["typedoc/bin/typedoc", "--logLevel", "Warn"],
];
for (const [tool, ...args] of steps) {
	const script = join(repository, "node_modules", tool ?? "");
	process.exitCode ||= await run(process.execPath, [script, ...args], { cwd: repository });
}
