import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultAccount, type Sandbox, startSandbox } from "@pulumi-channels/sandbox";
import { createApiKey, defaultConfig, permissions, startService } from "@pulumi-channels/service";

/** What a Pulumi program for mail domains finds in the world, here on loopback. */
export interface Backdrop extends AsyncDisposable {
	readonly sandbox: Sandbox;
	/** `ip:port` of the DNS server that is authoritative for every hosted zone. */
	readonly dnsServer: string;
	/** Makes AWS SDKs and the provider's look-ups reach the sandbox. */
	readonly env: Readonly<Record<string, string>>;
}

/** Starts the sandbox with one hosted zone. */
export async function startBackdrop(zone: string): Promise<Backdrop> {
	const sandbox = await startSandbox();
	sandbox.route53.createZone(zone);
	return {
		sandbox,
		dnsServer: sandbox.dns.authoritative,
		env: sandbox.env(),
		[Symbol.asyncDispose]: () => sandbox.close(),
	};
}

/** A Channels API of one's own, and a key to it. */
export interface OwnApi extends AsyncDisposable {
	readonly url: string;
	readonly key: string;
	readonly workspaceId: string;
}

export async function startApi(sandbox: Sandbox): Promise<OwnApi> {
	await using undo = new AsyncDisposableStack();
	const folder = await mkdtemp(join(tmpdir(), "pulumi-channels-service-"));
	undo.defer(() => rm(folder, { recursive: true, force: true }));
	const database = join(folder, "channels.db");
	const service = await startService({
		...defaultConfig,
		port: 0,
		database,
		dnsServers: [sandbox.dns.authoritative],
		aws: { region: "us-east-1", endpoint: sandbox.ses.url, credentials: defaultAccount },
		logLevel: "warn",
	});
	undo.defer(() => service.stop());
	const workspaceId = randomUUID();
	const { key } = await createApiKey(database, workspaceId, permissions);

	const running = undo.move();
	return { url: service.url, key, workspaceId, [Symbol.asyncDispose]: () => running.disposeAsync() };
}
