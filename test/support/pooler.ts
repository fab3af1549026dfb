import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import type { TestPostgres } from "./postgres.js";

export interface Pooler extends AsyncDisposable {
	/** Where the database is through it: the same URL, at the pooler's address. */
	readonly location: string;
	/** How many transactions its clients have ended. */
	readonly transactions: number;
	/** Whoever begins the next transaction hears nothing of it, as over a network that has lost its way back. */
	silenceNext(): void;
}

/**
 * A pooler that works by transaction, as strict as PgBouncer with its defaults, and in one thing stricter: it hands
 * out its sessions in turn, so that what a client leaves on one (a setting, a lock, a statement prepared by name) is
 * missed at its next transaction, and not just under load.
 */
export async function startPooler(postgres: TestPostgres, database: string, sessions = 4): Promise<Pooler> {
	const pool = new Sessions(
		await Promise.all(Array.from({ length: sessions }, () => login(postgres, database))),
	);
	const clients = new Set<Socket>();
	let transactions = 0;
	let silence = false;
	const server = createServer({ noDelay: true }, (socket) => {
		clients.add(socket);
		socket.on("close", () => clients.delete(socket)).on("error", () => {});
		serve(socket, pool, {
			begin: () => {
				const isSilent = silence;
				silence = false;
				return isSilent;
			},
			end: () => {
				transactions += 1;
			},
		});
	});
	server.listen(0, "127.0.0.1");
	await once(server, "listening");
	const url = new URL(database);
	url.port = String((server.address() as AddressInfo).port);
	return {
		location: url.href,
		get transactions() {
			return transactions;
		},
		silenceNext() {
			silence = true;
		},
		async [Symbol.asyncDispose]() {
			for (const client of clients) client.destroy();
			server.close();
			pool.close();
			await once(server, "close");
		},
	};
}

/**
 * What PgBouncer takes in a startup packet besides user and database; it refuses everything else unless it is told
 * to ignore it (pgbouncer.org/config.html, `ignore_startup_parameters`; `track_extra_parameters` adds IntervalStyle).
 */
const knownParameters = new Set([
	"user",
	"database",
	"client_encoding",
	"datestyle",
	"timezone",
	"standard_conforming_strings",
	"application_name",
	"intervalstyle",
]);

/** Codes of the packets that come before a session (postgresql.org/docs/current/protocol-message-formats.html). */
const cancelRequest = 80_877_102;
const encryptionRequests = [80_877_103, 80_877_104];

/** A session at the server, logged in and idle. */
async function login(postgres: TestPostgres, database: string): Promise<Socket> {
	const { client } = await postgres.connect(database);
	// From here on its octets are the clients': the library that has logged in hears no more of them.
	const { stream } = (client as unknown as { connection: { stream: Socket } }).connection;
	stream.removeAllListeners("data").removeAllListeners("close").removeAllListeners("end");
	return stream.removeAllListeners("error").on("error", () => {});
}

class Sessions {
	readonly #waiting: ((session: Socket) => void)[] = [];
	readonly #idle: Socket[];

	constructor(private readonly all: readonly Socket[]) {
		this.#idle = [...all];
	}

	async take(): Promise<Socket> {
		return this.#idle.shift() ?? new Promise((resolve) => this.#waiting.push(resolve));
	}

	give(session: Socket): void {
		const next = this.#waiting.shift();
		if (next) next(session);
		else this.#idle.push(session);
	}

	close(): void {
		for (const session of this.all) session.destroy();
	}
}

interface Watch {
	/** @returns whether the client hears nothing of this transaction */
	begin(): boolean;
	end(): void;
}

/** Serves one client until it hangs up. */
function serve(client: Socket, pool: Sessions, watch: Watch): void {
	let received = Buffer.alloc(0);
	let isStarted = false;
	let work = Promise.resolve();
	let transaction: Transaction | undefined;

	async function handle(message: Buffer): Promise<void> {
		if (client.destroyed) return;
		if (!isStarted) {
			isStarted = greet(client, message);
			return;
		}
		if (message[0] === code("X")) {
			client.end();
			return;
		}
		if (!transaction) {
			const session = await pool.take();
			const tell = watch.begin() ? () => {} : (answer: Buffer) => !client.destroyed && client.write(answer);
			transaction = new Transaction(session, tell, () => {
				transaction = undefined;
				watch.end();
				pool.give(session);
			});
		}
		transaction.send(message);
	}

	client.on("data", (chunk: Buffer) => {
		received = Buffer.concat([received, chunk]);
		for (;;) {
			// Packets before the session have no type in front of their length.
			const offset = isStarted || received[0] !== 0 ? 1 : 0;
			if (received.length < offset + 4) return;
			const end = offset + received.readInt32BE(offset);
			if (received.length < end) return;
			const message = received.subarray(0, end);
			received = received.subarray(end);
			work = work.then(() => handle(message));
		}
	});
	// PgBouncer closes a server's connection whose client went away in the middle; this one rolls back.
	client.on("close", () => {
		void work.then(() => transaction?.send(message("Q", Buffer.from("rollback\0"))));
	});
}

/** @returns whether the session has begun */
function greet(client: Socket, packet: Buffer): boolean {
	const request = packet.readInt32BE(4);
	if (encryptionRequests.includes(request)) {
		client.write("N");
		return false;
	}
	if (request === cancelRequest) {
		client.destroy();
		return false;
	}
	const texts = packet.subarray(8).toString().split("\0");
	const names = texts.filter((name, index) => index % 2 === 0 && name !== "");
	const unknown = names.find((name) => !knownParameters.has(name.toLowerCase()));
	if (unknown !== undefined) {
		const fields = ["SFATAL", "C08P01", `Munsupported startup parameter: ${unknown}`, "", ""].join("\0");
		client.end(message("E", Buffer.from(fields)));
		return false;
	}
	client.write(
		Buffer.concat([
			message("R", Buffer.alloc(4)),
			message("S", Buffer.from("server_version\x0018.0\0")),
			message("K", Buffer.alloc(8)),
			message("Z", Buffer.from("I")),
		]),
	);
	return true;
}

/** One client at one session, until the server says that nothing is open any more. */
class Transaction {
	/** Requests that the server has not answered with ReadyForQuery yet. */
	#open = 0;
	#received = Buffer.alloc(0);

	constructor(
		private readonly session: Socket,
		private readonly tell: (answer: Buffer) => void,
		private readonly onEnd: () => void,
	) {
		session.on("data", (chunk: Buffer) => this.#answer(chunk));
	}

	send(request: Buffer): void {
		// Query and Sync are answered so.
		if (request[0] === code("Q") || request[0] === code("S")) this.#open += 1;
		this.session.write(request);
	}

	#answer(chunk: Buffer): void {
		this.tell(chunk);
		this.#received = Buffer.concat([this.#received, chunk]);
		while (this.#received.length >= 5) {
			const end = 1 + this.#received.readInt32BE(1);
			if (this.#received.length < end) return;
			const isReady = this.#received[0] === code("Z");
			const isIdle = this.#received[5] === code("I");
			this.#received = this.#received.subarray(end);
			if (!isReady) continue;
			this.#open -= 1;
			if (this.#open > 0 || !isIdle) continue;
			this.session.removeAllListeners("data");
			this.onEnd();
		}
	}
}

const code = (letter: string) => letter.charCodeAt(0);

function message(type: string, content: Buffer): Buffer {
	const head = Buffer.alloc(5);
	head.write(type);
	head.writeInt32BE(content.length + 4, 1);
	return Buffer.concat([head, content]);
}
