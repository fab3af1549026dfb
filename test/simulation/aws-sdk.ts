import { connect } from "../../provider/core/channels/embedded/connect.js";
import { systemClock } from "../../provider/core/clock.js";
import { defaultAccount } from "../../sandbox/index.js";
import { Deadline } from "../../ses/index.js";
import { SimulatedClock } from "./clock.js";
import { Random } from "./random.js";
import { region, SesModel } from "./ses-model.js";

let loaded: Promise<void> | undefined;

/**
 * The AWS SDK loads modules and reads files of the machine when it makes its first calls, for which no simulated time can
 * wait: these are made before a life begins. All later ones go on in the same turn of the event loop.
 */
export function loadAwsSdk(): Promise<void> {
	loaded ??= load();
	return loaded;
}

async function load(): Promise<void> {
	const random = new Random(0);
	const nobody = async () => ({ failure: "SERVFAIL" });
	const ses = new SesModel({
		...{ clock: new SimulatedClock(), random, dmarcPolicy: "none", associationLagMs: 0, readLagMs: 0 },
		resolver: { cname: nobody, mx: nobody, txt: nobody },
	});
	const { accessKeyId: accessKey, secretAccessKey: secretKey } = defaultAccount;
	const connection = await connect({
		api: { kind: "embedded", workspaceId: undefined, region, mx: true },
		aws: { accessKey, secretKey, maxAttempts: 1 },
		env: () => undefined,
		clock: systemClock,
		random: random.next,
		stop: new AbortController().signal,
		connect: () => ({ send: (request) => ses.call(request).run(), close: async () => {} }),
	});
	await connection.account();
	using deadline = new Deadline(60_000);
	await connection.ses.tenant("nobodys", deadline);
}
