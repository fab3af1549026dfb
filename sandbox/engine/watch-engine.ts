import { connect } from "node:net";

const INTERVAL_MS = 1_000;
// One refused connection is proof on loopback; a timeout may be a machine under load.
const TIMEOUTS_ALLOWED = 5;

/**
 * Calls `onGone` once nobody listens at the engine's address any more. The engine closes its plugins when
 * it leaves in order; after a SIGKILL it cannot, and they would live on for ever.
 *
 * @param address - `host:port`; a string without a port is not watched.
 */
export function watchEngine(address: string, onGone: () => void): void {
	const [, host, port] = /^(.*):(\d+)$/.exec(address) ?? [];
	if (host === undefined || port === undefined) return;
	let timeouts = 0;
	const check = () => {
		const socket = connect({ host: host === "" ? "127.0.0.1" : host, port: Number(port) });
		socket.setTimeout(INTERVAL_MS);
		const settle = (alive: boolean) => {
			socket.removeAllListeners();
			// Errors after this one are of no interest, but unheard they would end the process.
			socket.on("error", () => {});
			socket.destroy();
			if (alive) setTimeout(check, INTERVAL_MS);
			else onGone();
		};
		socket.once("connect", () => {
			timeouts = 0;
			settle(true);
		});
		socket.once("timeout", () => {
			timeouts += 1;
			settle(timeouts <= TIMEOUTS_ALLOWED);
		});
		socket.once("error", () => settle(false));
	};
	check();
}
