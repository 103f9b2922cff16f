package main

import (
	"context"
	"fmt"
)

const (
	nameWide   = "qlogs Scan.Objects, 30 ms a call"
	nameSerial = "qlogs Scan.Objects, 30 ms a call, one after the other"
	namePoll   = "qlogs Scan.Follow, a poll"
)

// manyPartitions is setting 8.
func manyPartitions(ctx context.Context, b *bench) (*setting, error) {
	s := &setting{
		number: 8, title: fmt.Sprintf("discovery of %d accounts, polls of %d partitions", b.accounts, b.partitions),
		what: fmt.Sprintf("Each account has one partition of one object. A server takes 30 ms for each call of the discovery. The poll is of a Source within the process, which takes %v for each partition; "+
			"its wall time is that of one poll alone.", pollLatency),
	}
	late, err := b.serve(ctx, "@list", listSpec{Accounts: b.accounts, Latency: firstByte})
	if err != nil {
		return nil, err
	}
	wide, serial := discoverer(nameWide, late.url, b.accounts, 0), discoverer(nameSerial, late.url, b.accounts, 1)
	serial.few = true
	s.contenders = []*contender{wide, serial, poller(namePoll, b.partitions)}
	if err := b.race(ctx, s, b.rounds); err != nil {
		return nil, err
	}
	s.figure("wall time of discovery ÷ one after the other", atMost(0.125), func(r round) float64 {
		return r[nameWide].wall.Seconds() / r[nameSerial].wall.Seconds()
	}, nameWide, nameSerial)
	s.figure("LIST calls of discovery ÷ one after the other", atMost(1), func(r round) float64 {
		return r[nameWide].Extra["calls"] / r[nameSerial].Extra["calls"]
	}, nameWide, nameSerial)
	s.figure("wall time of a poll ÷ its calls one after the other", atMost(0.134), func(r round) float64 {
		return r[namePoll].wall.Seconds() / (float64(b.partitions) * pollLatency.Seconds())
	}, namePoll)
	return s, nil
}
