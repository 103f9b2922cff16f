package sim_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/promptlogs/qlogs/qlogs/path"
)

// calm ends all faults, but for those of one account if ailing is one: its objects are denied
// from now on, and in half of the seeds its listings as well.
func (w *world) calm(ailing string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.healthy, w.ailing, w.healed = true, ailing, time.Now()
	w.ailsListed = ailing != "" && hash(w.seed, "ailing", "", 0)%2 == 0
}

// ails reports whether the store refuses something of the one account of which it does so.
func (w *world) ails(text string) bool { return w.ailing != "" && strings.Contains(text, w.ailing) }

// bring brings good objects to all partitions for a time, and returns their keys.
func (w *world) bring(length time.Duration) (keys []string) {
	end := time.Now().Add(length)
	for {
		time.Sleep(3*time.Minute + w.within(10*time.Minute))
		if time.Now().After(end) {
			return keys
		}
		for _, p := range w.parts {
			keys = append(keys, w.bringOne(p))
		}
	}
}

func (w *world) bringOne(p path.Partition) string {
	w.number++
	key := p.NewKey(time.Now(), fmt.Sprintf("%016d", w.number)).String()
	o := &object{part: p.String(), at: time.Now(), arrived: time.Now()}
	w.mu.Lock()
	w.objects[key] = o
	w.mu.Unlock()
	w.write(key, o, true)
	return key
}

// calm reads while nothing fails but what one account has, and checks that all else comes soon:
// a poll finds it, whatever that account's objects do.
func (c *consumer) calm(ailing string, length time.Duration) {
	c.w.calm(ailing)
	c.healthy = true
	if ailing != "" && c.w.floods {
		c.w.flood(c.w.parts[0])
	}
	brought := make(chan []string)
	go func() { brought <- c.w.bring(length - 2*sweep) }()
	c.leg(length, true)
	soon := 2*c.every + 3*time.Minute
	for _, key := range <-brought {
		o := c.w.objects[key]
		at, got := c.at[key]
		switch {
		case c.w.ails(key):
		case !got:
			c.t.Errorf("%s has not come since %v, where nothing of it fails", key, o.arrived.Format(time.DateTime))
		case at.Sub(o.arrived) > soon:
			c.t.Errorf("%s has come %v after it was stored, where nothing of it fails and each %v is a poll, want %v at most", key, at.Sub(o.arrived), c.every, soon)
		}
	}
}
