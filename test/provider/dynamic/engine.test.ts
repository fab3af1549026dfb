import { createRequire } from "node:module";
import { createServer, type Server } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import { EngineLog, watchEngine } from "../../../provider/dynamic/engine.js";

const never = new AbortController().signal;

async function listen(port = 0): Promise<{ server: Server; port: number }> {
	const server = createServer((socket) => socket.destroy());
	await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
	return { server, port: (server.address() as { port: number }).port };
}

const close = (server: Server) => new Promise((resolve) => server.close(resolve));

describe("the engine's watch", () => {
	it("bears a miss or two, and ends within seconds of three in a row", async () => {
		let { server, port } = await listen();
		// Whether the engine is to answer at the n-th look.
		const looks = [true, false, true, false, false, true, false, false, false];
		let slept = 0;
		let sleptDead = 0;
		let open = true;
		await watchEngine(
			`127.0.0.1:${port}`,
			{
				now: () => 0,
				async sleep(ms) {
					const up = looks[slept] ?? false;
					slept += 1;
					if (slept > 6) sleptDead += ms;
					if (up !== open) {
						if (up) ({ server, port } = await listen(port));
						else await close(server);
						open = up;
					}
				},
			},
			never,
			() => {},
		);
		expect(slept).toBe(looks.length);
		expect(sleptDead).toBeLessThanOrEqual(1_000);
	});
});

describe("the engine's log", () => {
	afterEach(() => {
		vi.unstubAllEnvs();
	});

	/** What an engine is told first. */
	async function firstTold(tell: (progress: ReturnType<EngineLog["progress"]>) => void): Promise<string> {
		const load = createRequire(import.meta.url);
		const grpc = load("@grpc/grpc-js") as typeof import("@grpc/grpc-js");
		const { EngineService } = load("@pulumi/pulumi/proto/engine_grpc_pb") as { EngineService: never };
		const { Empty } = load("google-protobuf/google/protobuf/empty_pb.js") as { Empty: new () => object };
		const server = new grpc.Server();
		const told = new Promise<string>((resolve) => {
			server.addService(EngineService, {
				log: (call: { request: { getMessage(): string } }, answer: (error: null, empty: object) => void) => {
					answer(null, new Empty());
					resolve(call.request.getMessage());
				},
			});
		});
		const credentials = grpc.ServerCredentials.createInsecure();
		const port = await new Promise<number>((resolve) =>
			server.bindAsync("127.0.0.1:0", credentials, (_, bound) => resolve(bound)),
		);
		tell(new EngineLog(`127.0.0.1:${port}`, import.meta.filename).progress(undefined));
		const message = await told;
		server.forceShutdown();
		return message;
	}

	it("is reached on this machine, whatever proxy there is", async () => {
		vi.stubEnv("https_proxy", "http://127.0.0.1:9");
		expect(await firstTold(({ show }) => show("working"))).toBe("working");
	});

	it("has the line breaks of others escaped, and ours not", async () => {
		expect(await firstTold(({ show }) => show("a\nb"))).toBe("a\\u000ab");
		expect(await firstTold(({ note }) => note("a\nb"))).toBe("a\\u000ab");
		expect(await firstTold(({ warn }) => warn(["a\nb", "c"]))).toBe("a\\u000ab\nc");
	});
});
