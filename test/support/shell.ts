import { spawn } from "node:child_process";

/** Runs a command line as a reader of a page would, with `input` for whatever it asks. */
export function shell(
	command: string,
	{ cwd, env, input }: { cwd: string; env: NodeJS.ProcessEnv; input: string },
): Promise<{ code: number | null; output: string }> {
	return new Promise((resolve, reject) => {
		const child = spawn("sh", ["-c", command], { cwd, env, timeout: 120_000 });
		let output = "";
		for (const stream of [child.stdout, child.stderr]) {
			stream.setEncoding("utf8").on("data", (text: string) => {
				output += text;
			});
		}
		// A command that reads nothing may be gone before this is written.
		child.stdin.on("error", () => {});
		child.stdin.end(input);
		child.once("error", reject);
		child.once("close", (code) => resolve({ code, output }));
	});
}

/** Of the lines that a page shows of a command, those that it did not print: times and the tree do not count. */
export function notPrinted(shown: readonly string[], output: string): string[] {
	const printed = output.split("\n").map(withoutTimes);
	return (
		shown
			.map(withoutTimes)
			// Without a terminal, the CLI prints the rows of the tree as lines, and no header.
			.filter((line) => line !== "" && !line.startsWith("Type Name Status"))
			.filter((line) => !printed.some((each) => each === line || each.startsWith(`${line} `)))
	);
}

const withoutTimes = (line: string) =>
	line
		.replaceAll(/[├└│─]+/g, "")
		.replaceAll(/\(\d+(\.\d+)?s\)/g, "")
		.replaceAll(/\s+/g, " ")
		.trim();
