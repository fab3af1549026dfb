import { readFileSync } from "node:fs";
import type { RequestListener } from "node:http";
import { startForwardProxy } from "./forward-proxy.js";
import { certificate, hostedAuthorityFile, serveOnLoopback } from "./tls.js";

/** What stands at the default base URL, for who goes through the proxy `url` and trusts `hostedAuthorityFile`. */
export interface HostedApi extends AsyncDisposable {
	url: string;
}

export async function startHostedApi(listener: RequestListener): Promise<HostedApi> {
	await using undo = new AsyncDisposableStack();
	const shown = { cert: readFileSync(hostedAuthorityFile), key: certificate.key };
	const server = undo.use(await serveOnLoopback(listener, shown));
	const { url } = undo.use(await startForwardProxy({ to: server.url }));
	const running = undo.move();
	return { url, [Symbol.asyncDispose]: () => running.disposeAsync() };
}
