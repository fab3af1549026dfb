import { besides, type Lookups, sameText } from "../../dns/index.js";
import { feedbackHost } from "../regions.js";

/**
 * Mail exchangers of others at the name of a MAIL FROM domain, which is to have SES's alone ("You must publish exactly one MX
 * record", Amazon SES developer guide, "Using a custom MAIL FROM domain"). What a wildcard answers does not stand at the name.
 *
 * @returns none where nobody answers in time.
 */
export async function exchangersOfOthers(
	lookups: Pick<Lookups, "checkAll">,
	name: string,
	region: string,
	until: AbortSignal,
): Promise<string[]> {
	const record = `10 ${feedbackHost(region)}`;
	const at = (address: string) => ({ address, type: "MX", record }) as const;
	const [own, made] = await lookups.checkAll([at(name), at(besides(name))], { until });
	const isOurs = (value: string) => sameText("MX", value, record);
	return (own?.found ?? []).filter((value) => !isOurs(value) && !made?.found.includes(value));
}
