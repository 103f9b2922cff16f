// An SQS server for the tests of examples/worker, which start it:
//
//   npm ci && node server.mjs
//
// It listens on a free port of the loopback interface, prints its URL as its first line,
// and ends when its standard input does, so that it never outlives the test. Its queues
// are in memory. It checks no signature and no permission.
//
// It differs from SQS in that a receipt handle of a standard queue never expires: who
// has lost a message can still delete it. ReceiveMessage waits until it has as many
// messages as were asked for, or for the whole time; and extending the visibility
// timeout of a message counts as receiving it.
import sqs from "local-aws-sqs";

const host = "127.0.0.1";
const server = await sqs.createSqsServer({ port: 0, hostname: host, accountId: "111122223333", region: "us-east-1" });
console.log(`http://${host}:${server.address().port}`);

process.stdin.on("close", () => process.exit());
process.stdin.resume();
