import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { pythonWith } from "./python.js";

/** A server of others, on loopback. */
export interface PeerServer extends AsyncDisposable {
	/** `http://127.0.0.1:<port>` */
	readonly url: string;
}

/** Starts moto's server on a free port. It serves every AWS service it knows. */
export function startMoto(): Promise<PeerServer> {
	return startServer("moto[server]==5.2.5", ["moto.server", "-H", "127.0.0.1", "-p", "0"]);
}

/** Starts ministack on a free port, with its SES and Route 53. All that is in it goes with it. */
export function startMinistack(): Promise<PeerServer> {
	return startServer("ministack==1.5.33", ["ministack"], {
		BIND_HOST: "127.0.0.1",
		GATEWAY_PORT: "0",
		SERVICES: "ses,route53",
		// Both listen on ports of their own otherwise.
		IOT_MTLS_ENABLED: "0",
		SFTP_ENABLED: "0",
	});
}

/**
 * Runs a module of a Python package until it says on which port of loopback it listens.
 * @param settings its environment, which holds nothing of the developer's own but `PATH`
 * @throws Error with what it printed when it ends before
 */
async function startServer(
	requirement: string,
	[module = "", ...args]: readonly string[],
	settings: Readonly<Record<string, string>> = {},
): Promise<PeerServer> {
	const child = spawn(await pythonWith([requirement]), ["-m", module, ...args], {
		env: { PATH: process.env.PATH, ...settings },
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
	throw new Error(`${module} did not start:\n${printed.join("\n")}`);
}
