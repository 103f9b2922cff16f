package sim_test

// cost checks that the consumer has asked for no more than it may. A sweep lists the folders
// above the partitions and each partition, a poll each partition. An object is requested once
// for each of its versions, and again where a request has failed or was answered wrongly, or
// where a process that ended had not saved it, or had not come to it.
func (c *consumer) cost() {
	w, n := c.w, c.w.asked
	versions := 0
	for _, o := range w.objects {
		versions += len(o.versions)
	}
	again := w.faults["replaced"] + w.faults["not looked at"]
	if most := versions + n.lameGets + again + c.lost + c.ahead; n.gets > most {
		c.t.Errorf("%d GETs of %d versions, %d of them failed, %d units lost, %d objects read ahead of an end, want %d at most",
			n.gets, versions, n.lameGets, c.lost, c.ahead, most)
	}
	if m, ok := w.store.(*memory); ok && m.PageSize > 0 {
		return // how many pages a listing has depends on how far it goes back
	}
	parts := len(w.parts)
	pages := parts + len(w.objects)/1000
	// A failure is looked up, or asked for again.
	if most := c.sweeps*(2+3*parts+pages) + c.polls*pages + 2*n.lameLists + n.lameGets + again; n.lists > most {
		c.t.Errorf("%d LISTs in %d sweeps and %d polls, %d pages at most, %d of them failed, want %d at most", n.lists, c.sweeps, c.polls, pages, n.lameLists, most)
	}
}
