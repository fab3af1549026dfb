import { createServer, type Server } from "node:net";
import { describe, expect, it } from "vitest";
import { watchEngine } from "../../../provider/dynamic/engine.js";

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
