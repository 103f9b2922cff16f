package main

import (
	"context"
	"fmt"
)

const (
	nameListFast = "qlogs Scan.Objects"
	nameSDKFast  = "SDK ListObjectsV2Paginator"
	nameListLate = "qlogs Scan.Objects, 30 ms a call"
	nameSDKLate  = "SDK ListObjectsV2Paginator, 30 ms a call"
)

// listing is setting 5.
func listing(ctx context.Context, b *bench) (*setting, error) {
	s := &setting{number: 5, title: fmt.Sprintf("listing %d keys", b.keys)}
	part := min(b.keys, max(1000, b.keys/5/1000*1000))
	s.what = fmt.Sprintf("A server makes up the pages of one partition over %d days, busy by day and quiet at night, and takes no time or 30 ms for each call. "+
		"The SDK's chain of pages at no latency stops after %d keys: what a key costs does not depend on how many follow.", keyspaceDays, part)
	prefix := newKeyspace(b.keys).part.String()
	fast, err := b.serve(ctx, "@list", listSpec{Keys: b.keys})
	if err != nil {
		return nil, err
	}
	late, err := b.serve(ctx, "@list", listSpec{Keys: b.keys, Latency: firstByte})
	if err != nil {
		return nil, err
	}
	for _, c := range []struct {
		name, do, url string
		units         int
	}{
		{nameListFast, "objects", fast.url, b.keys},
		{nameSDKFast, "list-sdk", fast.url, part},
		{nameListLate, "objects", late.url, b.keys},
		{nameSDKLate, "list-sdk", late.url, b.keys},
	} {
		j := job{Do: c.do, Endpoint: c.url, Bucket: "bench", Prefix: prefix, Client: clientTransport, InFlight: inFlight, Count: c.units}
		s.contenders = append(s.contenders, &contender{name: c.name, job: j, units: int64(c.units)})
	}
	if err := b.race(ctx, s, b.rounds); err != nil {
		return nil, err
	}
	s.figure("client CPU per key, qlogs ÷ SDK", atMost(0.15), func(r round) float64 {
		return r[nameListFast].perUnit() / r[nameSDKFast].perUnit()
	}, nameListFast, nameSDKFast)
	for _, name := range []string{nameListFast, nameListLate} {
		s.figure("LIST calls ÷ (keys ÷ 1,000), "+name, atMost(1.1), func(r round) float64 {
			return r[name].Extra["calls"] / (float64(b.keys) / 1000)
		}, name)
	}
	s.figure("wall time at 30 ms a call, qlogs ÷ SDK's chain", atMost(0.10), func(r round) float64 {
		return r[nameListLate].wall.Seconds() / r[nameSDKLate].wall.Seconds()
	}, nameListLate, nameSDKLate)
	for _, name := range []string{nameListFast, nameListLate} {
		s.figure("peak memory, "+name, bound{unit: " MiB"}, func(r round) float64 { return float64(r[name].peak) / (1 << 20) }, name)
	}
	return s, nil
}

// discoverer lists what a server makes up of some accounts, with so many requests at the same
// time, or qlogs' own number if that is 0.
func discoverer(name, url string, accounts, lists int) *contender {
	return &contender{name: name, units: int64(accounts), job: job{
		Do: "objects", Endpoint: url, Bucket: "bench", Prefix: "prompt-logs/", Client: clientTransport, InFlight: inFlight, Lists: lists,
	}}
}

// poller polls some partitions.
func poller(name string, partitions int) *contender {
	return &contender{name: name, units: int64(partitions), job: job{Do: "poll", Count: partitions, InFlight: inFlight}, few: true}
}
