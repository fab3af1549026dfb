import { inject } from "vitest";
import { listen } from "../../sandbox/http.js";
import { Faults, RequestLog, startSandbox, systemClock } from "../../sandbox/index.js";
import type { Standing } from "./agreement.js";
import { Hands } from "./hands.js";

declare module "vitest" {
	interface ProvidedContext {
		/** Whose SES the service's suites run against. Default: the sandbox's. */
		upstream?: "ministack";
	}
}

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

/** Starts the SES that this run is about: see `upstream` of vitest's `provide`. */
export async function startUpstream(): Promise<Upstream> {
	if (inject("upstream") !== "ministack") return startSandboxUpstream();
	const { startMinistackUpstream } = await import("../peers/ministack.js");
	return startMinistackUpstream();
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
