import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../support/free-port.js";
import type { PoolingProxy } from "../support/pooling-proxy.js";
import { waitUntil } from "../support/wait.js";
import { debianProgram } from "./debian.js";

/**
 * nginx with a pool of connections to the server, as its documentation has it (ngx_http_upstream_module, "keepalive"),
 * that repeats nothing elsewhere and passes bodies on as they come.
 */
export async function startNginx(target: string): Promise<PoolingProxy> {
	const { path, env } = await debianProgram("nginx");
	const port = await freePort();
	const folder = await mkdtemp(join(tmpdir(), "channels-nginx-"));
	const log = join(folder, "error.log");
	const kinds = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
	await writeFile(
		join(folder, "nginx.conf"),
		`daemon off; master_process off; pid ${folder}/pid; error_log ${log} error;
events {}
http {
	access_log off;
	${kinds.map((kind) => `${kind}_temp_path ${folder}/${kind};`).join(" ")}
	client_max_body_size 0;
	upstream service { server ${new URL(target).host}; keepalive 8; }
	server {
		listen 127.0.0.1:${port};
		location / {
			proxy_pass http://service;
			proxy_http_version 1.1;
			proxy_set_header Connection "";
			proxy_request_buffering off;
			proxy_next_upstream off;
		}
	}
}`,
	);
	const child = spawn(path, ["-e", log, "-p", folder, "-c", join(folder, "nginx.conf")], {
		env: { ...process.env, ...env },
		stdio: ["ignore", "ignore", "pipe"],
	});
	const exit = once(child, "close");
	let complaints = "";
	child.stderr.on("data", (text) => {
		complaints += String(text);
	});
	await waitUntil(() => child.exitCode !== null || listens(port), {
		timeoutMs: 20_000,
		what: () => `nginx listening: ${complaints}`,
	});
	if (child.exitCode !== null) throw new Error(`nginx did not start: ${complaints}`);
	return {
		url: `http://127.0.0.1:${port}`,
		async failures() {
			const lines = (await readFile(log, "utf8")).split("\n").filter(Boolean);
			// What it could not send on of a body that was refused already is no harm to anybody.
			return lines.filter((line) => !/while sending request to upstream/.test(line));
		},
		async [Symbol.asyncDispose]() {
			child.kill("SIGTERM");
			await exit;
			await rm(folder, { recursive: true, force: true });
		},
	};
}

function listens(port: number): Promise<boolean> {
	return new Promise((resolve) => {
		const socket = connect(port, "127.0.0.1");
		socket.on("connect", () => resolve(true)).on("error", () => resolve(false));
		socket.on("close", () => socket.destroy()).end();
	});
}
