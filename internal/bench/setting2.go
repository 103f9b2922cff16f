package main

import (
	"context"
	"fmt"
	"time"
)

const (
	nameSDK       = "SDK GetObject, default client"
	nameTransport = "SDK GetObject, 256 idle connections"
	nameTuned     = "SDK GetObject, 256 idle connections, WhenRequired"
	nameRaw       = "net/http and the v4 signer"
	nameHandS3    = "hand loop, 64 goroutines, default client"
	nameS5cmd     = "s5cmd cat, Go decoder"
	nameRclone    = "rclone cat, Go decoder"
	nameObjects   = "qlogs, listing alone"
	nameHeld      = "qlogs, from memory"
	nameScan2K    = "qlogs, 2 KB objects"
	nameSDK2K     = "SDK GetObject, default client, 2 KB objects"
	nameTuned2K   = "SDK GetObject, 256 idle connections, WhenRequired, 2 KB objects"
)

// bucket is setting 2.
func bucket(ctx context.Context, b *bench) (*setting, error) {
	s := &setting{
		number: 2, title: fmt.Sprintf("a bucket of %d objects on loopback", b.objects),
		what: "The same objects on versitygw, which checks signatures and sends CRC64NVME checksums as S3 does. 64 requests in flight. " +
			"The SDK and net/http get what a file of keys names, and throw it away. CPU is the client's alone.",
	}
	d, err := b.data(ctx, mixed, int64(b.objects))
	if err != nil {
		return nil, err
	}
	tiny, err := b.data(ctx, small, int64(b.small))
	if err != nil {
		return nil, err
	}
	if err := s.addBucket(ctx, b, d); err != nil {
		return nil, err
	}
	if err := s.addSmall(ctx, b, tiny); err != nil {
		return nil, err
	}
	if err := b.race(ctx, s, b.rounds); err != nil {
		return nil, err
	}
	ratio := func(of, by string) func(round) float64 {
		return func(r round) float64 { return r[of].perUnit() / r[by].perUnit() }
	}
	s.figure("client CPU, qlogs ÷ SDK GetObject and discard, default client", atMost(1.35), ratio(nameScan, nameSDK), nameScan, nameSDK)
	s.figure("the same", atMost(1.05).wished(), ratio(nameScan, nameSDK), nameScan, nameSDK)
	s.figure("client CPU, qlogs ÷ SDK GetObject and discard, 256 idle connections, WhenRequired", bound{}, ratio(nameScan, nameTuned), nameScan, nameTuned)
	s.figure("client CPU, hand loop with 64 goroutines ÷ qlogs", atLeast(2), ratio(nameHandS3, nameScan), nameHandS3, nameScan)
	beyond := func(floor string) func(round) float64 {
		return func(r round) float64 {
			return (float64(r[nameScan2K].Mallocs) - float64(r[floor].Mallocs)) / float64(tiny.Objects)
		}
	}
	s.figure("mallocs per object of 2 KB, beyond those of SDK GetObject, default client", atMost(40), beyond(nameSDK2K), nameScan2K, nameSDK2K)
	s.figure("mallocs per object of 2 KB, beyond those of SDK GetObject, WhenRequired", bound{}, beyond(nameTuned2K), nameScan2K, nameTuned2K)
	for _, other := range []string{nameHandS3, nameS5cmd, nameRclone, nameChDB} {
		s.faster("objects/s, qlogs ÷ "+other, bound{}, nameScan, other)
	}
	s.breakdown()
	return s, nil
}

func (s *setting) addBucket(ctx context.Context, b *bench, d dataset) error {
	g, name, err := b.bucket(ctx, d)
	if err != nil {
		return err
	}
	at := job{Endpoint: g.URL, Bucket: name, InFlight: inFlight}
	add := func(c contender) {
		c.units = d.Objects
		if c.expect == nil && c.stored == 0 && c.job.Do != "objects" {
			c.expect = &d.Totals
		}
		s.contenders = append(s.contenders, &c)
	}
	add(contender{name: nameScan, job: at.with("scan-s3", clientTransport)})
	for _, c := range [][2]string{{nameSDK, clientDefault}, {nameTransport, clientTransport}, {nameTuned, clientTuned}} {
		get := at.with("get-sdk", c[1])
		get.List = d.keys()
		add(contender{name: c[0], job: get, stored: d.Stored, few: c[0] == nameTransport})
	}
	raw := at.with("get-raw", "")
	raw.List = d.keys()
	add(contender{name: nameRaw, job: raw, stored: d.Stored})
	add(contender{name: nameHandS3, job: at.with("hand-s3", clientDefault)})
	add(contender{name: nameObjects, job: at.with("objects", clientTransport)})
	add(contender{name: nameHeld, job: job{Do: "scan-held", Root: d.root(), InFlight: inFlight}, own: true})
	pipe := encode(job{Do: "hand-pipe"})
	if p, ok := s.peer(b, peerS5cmd); ok {
		add(contender{name: nameS5cmd, few: true, env: []string{"AWS_ACCESS_KEY_ID=" + rootAccess, "AWS_SECRET_ACCESS_KEY=" + rootSecret, "AWS_REGION=" + region},
			argv: []string{"sh", "-c", `"$1" --endpoint-url "$2" cat "s3://$3/*" | "$4" @contend "$5"`, "sh", p.path, g.URL, name, b.self, pipe}})
	}
	if p, ok := s.peer(b, peerRclone); ok {
		add(contender{name: nameRclone, few: true, env: []string{"RCLONE_CONFIG=" + "/dev/null", "RCLONE_CONFIG_V_TYPE=s3", "RCLONE_CONFIG_V_PROVIDER=Other", "RCLONE_CONFIG_V_ENDPOINT=" + g.URL,
			"RCLONE_CONFIG_V_ACCESS_KEY_ID=" + rootAccess, "RCLONE_CONFIG_V_SECRET_ACCESS_KEY=" + rootSecret},
			argv: []string{"sh", "-c", `"$1" cat "v:$2" | "$3" @contend "$4"`, "sh", p.path, name, b.self, pipe}})
	}
	if p, ok := s.peer(b, peerChDB); ok {
		add(contender{name: nameChDB, few: true, argv: []string{"node", p.path, "s3", g.URL + "/" + name, rootAccess, rootSecret}, table: true})
	}
	return nil
}

func (s *setting) addSmall(ctx context.Context, b *bench, d dataset) error {
	g, name, err := b.bucket(ctx, d)
	if err != nil {
		return err
	}
	at := job{Endpoint: g.URL, Bucket: name, InFlight: inFlight}
	s.contenders = append(s.contenders, &contender{name: nameScan2K, job: at.with("scan-s3", clientTransport), units: d.Objects, expect: &d.Totals})
	at.List = d.keys()
	s.contenders = append(s.contenders,
		&contender{name: nameSDK2K, job: at.with("get-sdk", clientDefault), units: d.Objects, stored: d.Stored},
		&contender{name: nameTuned2K, job: at.with("get-sdk", clientTuned), units: d.Objects, stored: d.Stored})
	return nil
}

// with is the job as another contender does it.
func (j job) with(do, client string) job {
	j.Do, j.Client = do, client
	return j
}

// breakdown says what the CPU of the scan is made of.
func (s *setting) breakdown() {
	scanned := median(s.each(nameScan, func(r result) float64 { return float64(r.Objects) }))
	cpu := func(name string) float64 {
		return median(s.each(name, func(r result) float64 { return float64(r.cpu) / float64(time.Microsecond) })) / scanned
	}
	scan, list, get, decode := cpu(nameScan), cpu(nameObjects), cpu(nameRaw), cpu(nameHeld)
	s.note("What the scan's CPU is made of, per object: listing %.0f µs; GET, as net/http and the signer alone do it, %.0f µs (the SDK: %.0f µs); "+
		"decompressing, decoding and delivering, from memory, %.0f µs; the rest %.0f µs; %.0f µs in all.", list, get, cpu(nameTuned), decode, scan-list-get-decode, scan)
}
