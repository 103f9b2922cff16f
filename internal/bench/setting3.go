package main

import (
	"context"
	"fmt"
	"path/filepath"
	"time"
)

const (
	nameSlowScan  = "qlogs, 1 % slow"
	nameSlowSDK   = "SDK GetObject, 1 % slow"
	nameOrdered   = "qlogs Client.Read, in order"
	nameUnordered = "qlogs Client.Read, one object at a time, 64 goroutines"
	nameLateSDK   = "SDK GetObject"

	nameSlowOrdered   = nameOrdered + ", 1 % slow"
	nameSlowUnordered = nameUnordered + ", 1 % slow"

	firstByte = 30 * time.Millisecond
	slowOf    = 100 // one object of so many
	slowBy    = 50  // is so many times slower
)

// latency is setting 3.
func latency(ctx context.Context, b *bench) (*setting, error) {
	n := min(b.slow, b.objects)
	s := &setting{
		number: 3, title: fmt.Sprintf("%d objects behind 30 ms", n),
		what: "A proxy has each GET of an object wait for 30 ms, and in the slow setting 1 % of the objects, by a hash of the key, for 1.5 s. 64 requests in flight, " +
			"256 idle connections. The SDK gets what a file of keys names and throws it away.",
	}
	d, err := b.data(ctx, mixed, int64(n))
	if err != nil {
		return nil, err
	}
	g, name, err := b.bucket(ctx, d)
	if err != nil {
		return nil, err
	}
	even, err := b.serve(ctx, "@proxy", proxySpec{Target: g.URL, Latency: firstByte, List: b.slowList})
	if err != nil {
		return nil, err
	}
	uneven, err := b.serve(ctx, "@proxy", proxySpec{Target: g.URL, Latency: firstByte, List: b.slowList, Slow: slowOf, Factor: slowBy})
	if err != nil {
		return nil, err
	}
	list := filepath.Join(b.work, name+".list")
	listJob := job{Do: "objects", Client: clientTransport, Endpoint: g.URL, Bucket: name, InFlight: inFlight, List: list}
	if err := b.helper(ctx, "@contend", listJob); err != nil {
		return nil, err
	}
	at := job{Endpoint: even.url, Bucket: name, InFlight: inFlight, Client: clientTransport}
	add := func(name string, j job) {
		c := &contender{name: name, job: j, own: true, units: d.Objects, expect: &d.Totals}
		if j.Do == "get-sdk" {
			c.expect, c.stored = nil, d.Stored
		}
		s.contenders = append(s.contenders, c)
	}
	for _, c := range []struct{ name, do, list, url string }{
		{nameScan, "scan-s3", "", even.url},
		{nameLateSDK, "get-sdk", d.keys(), even.url},
		{nameSlowScan, "scan-s3", "", uneven.url},
		{nameSlowSDK, "get-sdk", d.keys(), uneven.url},
		{nameOrdered, "read", list, even.url},
		{nameUnordered, "read-each", list, even.url},
		{nameSlowOrdered, "read", list, uneven.url},
		{nameSlowUnordered, "read-each", list, uneven.url},
	} {
		j := at
		j.Do, j.List, j.Endpoint = c.do, c.list, c.url
		add(c.name, j)
	}
	if err := b.race(ctx, s, b.rounds); err != nil {
		return nil, err
	}
	s.faster("objects/s, qlogs ÷ SDK GetObject and discard", atLeast(0.95), nameScan, nameLateSDK)
	s.faster("objects/s, the same with 1 % of the objects slow", atLeast(0.90), nameSlowScan, nameSlowSDK)
	s.faster("objects/s, in order ÷ the same pipeline without order", atLeast(0.95), nameOrdered, nameUnordered)
	s.faster("objects/s, the same with 1 % of the objects slow, in order ÷ without order", atLeast(0.95), nameSlowOrdered, nameSlowUnordered)
	return s, nil
}
