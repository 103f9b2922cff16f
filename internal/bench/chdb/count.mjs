// Counts the records and the bytes of the prompts per user of prompt logs, with
// ClickHouse in this process: a peer of the benchmark in internal/bench.
//
//   node count.mjs version
//   node count.mjs dir DIRECTORY
//   node count.mjs s3 URL-OF-BUCKET ACCESS-KEY SECRET-KEY
import { availableParallelism } from "node:os";
import { query } from "chdb";

// The fields that the query needs: others are passed over without being decoded.
const structure = `records Array(Tuple(
  generateAssistantResponseEventRequest Tuple(prompt String, userId String),
  generateCompletionsEventRequest Tuple(userId String),
  startTaskAssistCodeGenerationEventRequest Tuple(prompt String, userId String)))`;

const quote = (s) => `'${s.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;

// The last two settings were the fastest of those tried: more threads than cores,
// and read(2) rather than pread(2) by other threads.
const count = (from, threads) => `
  SELECT
    r.1.2 || r.2.1 || r.3.2 AS user,
    count(),
    sum(length(r.1.1) + length(r.3.1))
  FROM ${from}
  ARRAY JOIN records AS r
  GROUP BY user
  SETTINGS
    input_format_skip_unknown_fields = 1,
    input_format_json_ignore_unknown_keys_in_named_tuple = 1,
    input_format_json_defaults_for_missing_elements_in_named_tuple = 1,
    input_format_null_as_default = 1,
    max_threads = ${threads},
    storage_file_read_method = 'read'`;

const [what, ...args] = process.argv.slice(2);
switch (what) {
  case "version":
    console.log("ClickHouse " + query("SELECT version()", "TabSeparated").trim());
    break;
  case "dir":
    process.stdout.write(query(count(`file(${quote(args[0] + "/**/*.json.gz")}, 'JSONEachRow', ${quote(structure)}, 'gzip')`, 2 * availableParallelism()), "TabSeparated"));
    break;
  case "s3": {
    const [bucket, access, secret] = args.map(quote);
    process.stdout.write(query(count(`s3(${bucket.slice(0, -1)}/**/*.json.gz', ${access}, ${secret}, 'JSONEachRow', ${quote(structure)}, 'gzip')`, 4 * availableParallelism()), "TabSeparated"));
    break;
  }
  default:
    console.error("count.mjs: want version, dir or s3 as its first argument");
    process.exit(2);
}
