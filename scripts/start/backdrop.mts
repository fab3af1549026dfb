import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultAccount, type Sandbox, startSandbox } from "@pulumi-channels/sandbox";
import { createApiKey, defaultConfig, permissions, startService } from "@pulumi-channels/service";

/** What a Pulumi program for mail domains finds in the world, here on loopback. */
export interface Backdrop extends AsyncDisposable {
	readonly sandbox: Sandbox;
	readonly apiUrl: string;
	readonly apiKey: string;
	readonly workspaceId: string;
	/** `ip:port` of the DNS server that is authoritative for every hosted zone. */
	readonly dnsServer: string;
	/** Makes AWS SDKs and the provider's look-ups reach the sandbox. */
	readonly env: Readonly<Record<string, string>>;
}

/** Starts the sandbox with one hosted zone, and the Channels API on it. */
export async function startBackdrop(zone: string): Promise<Backdrop> {
	await using undo = new AsyncDisposableStack();
	const folder = await mkdtemp(join(tmpdir(), "pulumi-channels-service-"));
	undo.defer(() => rm(folder, { recursive: true, force: true }));
	const sandbox = await startSandbox();
	undo.defer(() => sandbox.close());
	sandbox.route53.createZone(zone);

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
	return {
		sandbox,
		apiUrl: service.url,
		apiKey: key,
		workspaceId,
		dnsServer: sandbox.dns.authoritative,
		env: sandbox.env(),
		[Symbol.asyncDispose]: () => running.disposeAsync(),
	};
}
