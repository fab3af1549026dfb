/**
 * Seeds of lives that end badly without what has been mended since, and what they found. A change of what lives are drawn
 * from gives the seeds other lives: find new ones then, by taking the mends out.
 */
export const regressions: readonly (readonly [seed: number, found: string])[] = [
	[1413, "records are taken down in use, because something else than the API says that it has no use cases"],
	[
		3479,
		"a resource that goes takes down the MX and the policy of its domain's other setup, which are the same",
	],
	[761, "`keep` gives up a record that only an interrupted destroy has removed"],
	[5001871, "what somebody has removed right after a change to which no answer came is put back unseen"],
	[5006822, "a setup is deleted in favour of a program that could never be had"],
	[5064631, "what a change has replaced whose repetition was refused is forgotten"],
	[6025188, "what goes after another gone record was shown is put back unseen"],
	[6049796, "what was replaced is forgotten where only a rival stood beside ours and the answer got lost"],
	[7021806, "what was replaced does not come back where others were faster"],
	[
		7026030,
		"records that move to another zone take with them what another resource of the setup has in the former one",
	],
	[7044604, "records stay behind of a setup that was taken over before they were asked for"],
	[8077079, "a zone is left before what another resource has written in the next one is everywhere"],
	[8163045, "a change that is still under way is in no state where the next one is refused"],
	[8189285, "a TTL that `keep` leaves to others is set once the answer to the change is lost"],
	[30010762, "what was left to others is published once the answer to the change is lost"],
	[40047553, "a TTL of others passes for ours once a change of it got no answer and was not made"],
	[70008157, "`keep` gives up for good what an interrupted destroy has removed, before any preview"],
	[70018146, "records of a change without an answer are not waited for"],
	[90014987, "a change that was not made is forgotten by the second refresh"],
	[
		91006158,
		"a create that arrives once what was in its way has gone makes a setup of which nobody was told",
	],
	[94017550, "a TTL that `keep` left is refused for ever once the policy is another one"],
	[90205095, "records go with a setup that is gone, though nothing can take its place"],
];
