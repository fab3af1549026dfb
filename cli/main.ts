#!/usr/bin/env node
import { writeFile } from "node:fs/promises";
import { nodeProblem } from "../sdk/node-version.js";

const stop = new AbortController();
// A second ^C ends the process at once.
process.once("SIGINT", () => stop.abort());
process.once("SIGTERM", () => stop.abort());
// Whoever reads the output may have heard enough (`| head`).
process.stdout.on("error", () => process.exit());

function status(line: string): void {
	if (!process.stderr.isTTY) return;
	const width = process.stderr.columns ?? 80;
	process.stderr.write(`\r\x1b[K${line.slice(0, width - 1)}`);
}

async function main(): Promise<number> {
	const problem = nodeProblem();
	if (problem !== undefined) {
		process.stderr.write(`channels: ${problem} [node-too-old]\n`);
		return 3;
	}
	const { run } = await import("./program.js");
	return run({
		args: process.argv.slice(2),
		env: (key) => process.env[key],
		out: (text) => process.stdout.write(text),
		err: (text) => process.stderr.write(text),
		status,
		writeFile: (path, text) => writeFile(path, text),
		now: Date.now,
		stop: stop.signal,
	});
}

void main().then((code) => {
	process.exitCode = code;
});
