// Package sim has the simulation: a store in which everything happens that happens to stores,
// read for months of simulated time by a loop that is killed and goes on. It has no code but
// tests. What happens in it, and when, is decided by a seed, so a seed that fails does so
// again:
//
//	QLOGS_SIM_SEED=17 go test -run TestSimulation ./internal/sim
//
// In one seed in four the reader has room for few requests, and now and then for few bytes, so
// that requests wait for each other. Which of them goes first is up to the scheduler, and two
// runs of such a seed may differ a little. So may two of one in 16, whose store is behind HTTP.
// All others are the same in each run; TestReplay tries some of them twice.
//
// QLOGS_SIM_FOR runs new seeds for that long, such as 10m.
package sim
