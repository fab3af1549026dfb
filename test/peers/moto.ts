import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { pythonWith } from "./python.js";

export interface Moto extends AsyncDisposable {
	/** `http://127.0.0.1:<port>` */
	readonly url: string;
}

/** Starts moto's server on a free port. It serves every AWS service it knows. */
export async function startMoto(): Promise<Moto> {
	const python = await pythonWith(["moto[server]==5.2.5"]);
	const child = spawn(python, ["-m", "moto.server", "-H", "127.0.0.1", "-p", "0"], {
		stdio: ["ignore", "ignore", "pipe"],
	});
	const exit = new Promise<void>((resolve) => child.once("exit", () => resolve()));
	const printed: string[] = [];
	for await (const line of createInterface(child.stderr)) {
		printed.push(line);
		const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(line) ?? [];
		if (url === undefined) continue;
		child.stderr.resume();
		return {
			url,
			async [Symbol.asyncDispose]() {
				child.kill();
				await exit;
			},
		};
	}
	throw new Error(`moto did not start:\n${printed.join("\n")}`);
}
