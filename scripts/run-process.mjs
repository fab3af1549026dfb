import { spawn } from "node:child_process";
import { constants } from "node:os";

/**
 * Runs a command on this process's own terminal and passes signals on to it.
 *
 * @returns its exit code; 128 + the signal's number where a signal ended it, as shells say it.
 */
export function run(command, args, options = {}) {
	return new Promise((resolve, reject) => {
		const child = spawn(command, args, { stdio: "inherit", ...options });
		const pass = (signal) => {
			// A terminal has already sent ^C to the child, which would take a second one for "at once".
			if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
		};
		const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
		for (const signal of signals) process.on(signal, pass);
		const settle = (settled) => {
			for (const signal of signals) process.off(signal, pass);
			settled();
		};
		child.once("error", (error) =>
			settle(() => reject(new Error(`${command} could not be started: ${error.message}`))),
		);
		child.once("exit", (code, signal) =>
			settle(() => resolve(code === null ? 128 + constants.signals[signal] : code)),
		);
	});
}
