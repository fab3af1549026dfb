import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { freePort } from "../support/free-port.js";
import { debianProgram } from "./debian.js";

export interface PgBouncer extends AsyncDisposable {
	/** What it calls itself. */
	readonly version: string;
	/** Where a database is through it. */
	location(database: string): string;
}

/** Starts PgBouncer with its defaults, but for transactions, before the server of a `postgres://` URL. */
export async function startPgBouncer(server: string): Promise<PgBouncer> {
	const { path, env } = await debianProgram("pgbouncer");
	const { hostname, port, username, password } = new URL(server);
	const listenPort = await freePort();
	const folder = await mkdtemp(join(tmpdir(), "channels-pgbouncer-"));
	const settings = join(folder, "pgbouncer.ini");
	await writeFile(
		settings,
		[
			"[databases]",
			`* = host=${hostname} port=${port} user=${username} password=${password}`,
			"[pgbouncer]",
			"listen_addr = 127.0.0.1",
			`listen_port = ${listenPort}`,
			"unix_socket_dir =",
			"auth_type = any",
			"pool_mode = transaction",
			// It refuses to stay root.
			...(process.getuid?.() === 0 ? ["user = nobody"] : []),
		].join("\n"),
	);
	const child = spawn(path, [settings], {
		env: { ...process.env, ...env },
		stdio: ["ignore", "ignore", "pipe"],
	});
	await once(child, "spawn");
	const exit = once(child, "close");
	const printed: string[] = [];
	for await (const line of createInterface({ input: child.stderr })) {
		printed.push(line);
		const [, version] = /process up: (PgBouncer [\d.]+)/.exec(line) ?? [];
		if (version === undefined) continue;
		child.stderr.resume();
		return {
			version,
			location: (database) => `postgres://channels@127.0.0.1:${listenPort}/${database}`,
			async [Symbol.asyncDispose]() {
				child.kill("SIGINT");
				await exit;
				await rm(folder, { recursive: true, force: true });
			},
		};
	}
	await rm(folder, { recursive: true, force: true });
	throw new Error(`PgBouncer did not start:\n${printed.join("\n")}`);
}
