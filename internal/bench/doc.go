// Command bench compares qlogs with what a team would use instead of it, or with the
// least that the job costs, and writes one Markdown table:
//
//	go -C internal/bench run . -out RESULTS.md
//
// Each setting has contenders that do the same job, mostly to count the records
// and the bytes of the prompts per user. Every contender is a process of its own,
// so that its CPU time and its peak memory are those of that process alone; S3
// servers and proxies are processes of their own too, on the loopback interface.
// What a contender counted has to be what the generator of the data says, else the
// run fails.
//
// Machines differ and are seldom quiet, so nothing is judged by seconds. The
// contenders of a setting take turns in each round, in an order that rotates, a
// figure is a ratio within one round, and the table has the median of the rounds
// with the least and the greatest. A figure that does not reach what it should is
// printed as such.
//
// All eight settings take about 27 minutes on two cores: making the data 1, then 1, 6,
// 3, 3, 10, 0, 0 and 2 minutes. -only and the flags of the sizes make it shorter; the
// report says so.
//
// The peers (DuckDB, chDB, s5cmd, rclone, jq, igzip) are installed by peers.sh, or
// left out with a line that says so.
package main
