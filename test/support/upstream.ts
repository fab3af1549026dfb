import { listen } from "../../sandbox/http.js";
import { Faults, RequestLog, startSandbox, systemClock } from "../../sandbox/index.js";
import type { Standing } from "./agreement.js";
import { Hands } from "./hands.js";

/** An SES for services, which tests make fail. */
export interface Upstream {
	readonly ses: Standing & { readonly url: string };
	/** Whom services ask for DNS records. */
	readonly dns: { readonly authoritative: string };
	/** Every request that reaches `ses.url`, by operation. */
	readonly log: RequestLog;
	/** What goes wrong there. */
	readonly faults: Faults;
	/** They pass by `log` and `faults`. */
	readonly hands: Hands;
	close(): Promise<void>;
}

let start: () => Promise<Upstream> = startSandboxUpstream;

/** Has the suites of this run work on another SES: for a setup file of vitest. */
export function useUpstream(other: () => Promise<Upstream>): void {
	start = other;
}

/** Starts the SES that this run is about: the sandbox's unless {@link useUpstream} named another. */
export function startUpstream(): Promise<Upstream> {
	return start();
}

async function startSandboxUpstream(): Promise<Upstream> {
	await using undo = new AsyncDisposableStack();
	const sandbox = await startSandbox();
	undo.defer(() => sandbox.close());
	const sideDoor = await listen(sandbox.ses.service, {
		clock: systemClock,
		log: new RequestLog(),
		faults: new Faults(),
	});
	undo.defer(() => sideDoor.close());
	const hands = undo.adopt(new Hands(sideDoor.url), (each) => each.close());
	const running = undo.move();
	const { ses, dns, log, faults } = sandbox;
	return { ses, dns, log, faults, hands, close: () => running.disposeAsync() };
}
