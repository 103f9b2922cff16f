package sim_test

// cost checks that the consumer has asked for no more than it may. A sweep lists the folders
// above the partitions and each partition, a poll each partition. An object is requested once
// for each of its versions, and again where a request has failed or was answered wrongly, or
// where a process that ended had not saved it, or had not come to it.
func (c *consumer) cost() {
	w := c.w
	page := 1000
	if m, ok := w.store.(*memory); ok && m.PageSize > 0 {
		page = m.PageSize
	}
	versions := 0
	for _, o := range w.objects {
		versions += len(o.versions)
	}
	parts := len(w.parts)
	pages := parts + len(w.objects)/page
	mended := 3*w.asked.lame + w.faults["replaced"] + w.faults["hidden"] + w.faults["not looked at"]
	for _, n := range w.wrong {
		mended += 3 * n
	}
	if most := c.sweeps*(2+3*parts+pages) + c.polls*pages + mended; w.asked.lists > most {
		c.t.Errorf("%d LISTs in %d sweeps and %d polls, %d pages at most, want %d at most", w.asked.lists, c.sweeps, c.polls, pages, most)
	}
	if most := versions + mended + c.lost + c.ahead; w.asked.gets > most {
		c.t.Errorf("%d GETs of %d versions, %d units lost, %d objects read ahead of an end, want %d at most", w.asked.gets, versions, c.lost, c.ahead, most)
	}
}
