import type { Logger } from "pino";
import type { Home, HomeStore } from "../database/home.js";
import { ServiceError } from "../error-codes.js";

/**
 * Holds a database to the region and account whose setups it has: elsewhere the service would find none of them, and
 * take them for deleted.
 * @param askAccount undefined when AWS does not say. It is waited for only where it can be compared; a new database
 *   learns it in the background.
 * @throws Error naming both, where they differ
 */
export async function settleIn(
	homes: HomeStore,
	region: string,
	askAccount: () => Promise<string | undefined>,
	log: Pick<Logger, "warn">,
): Promise<void> {
	const home = await homes.keep({ region, account: undefined });
	if (home.region !== region) throw away(home, { region, account: undefined });
	const account = askAccount();
	if (home.account === undefined) {
		void account
			.then((known) => homes.keep({ region, account: known }))
			.catch((error: unknown) => log.warn({ err: error }, "the AWS account could not be kept"));
		return;
	}
	const here = { region, account: await account };
	if (here.account === undefined)
		log.warn(
			"AWS does not say to which account the credentials belong; it is taken for the one of the database",
		);
	else if (here.account !== home.account) throw away(home, here);
}

function away(home: Home, here: Home): ServiceError {
	return new ServiceError(
		"database-elsewhere",
		`The database has the setups of ${inWords(home)}, and the service is to work in ${inWords(here)}, where none of them is. Set AWS_REGION and the credentials to the former, or CHANNELS_API_DATABASE to another database.`,
	);
}

const inWords = ({ region, account }: Home) =>
	account === undefined ? `region ${region}` : `region ${region} of account ${account}`;
