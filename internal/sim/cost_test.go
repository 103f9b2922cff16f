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
	if most := versions + n.lameGets + again + c.lost + c.early; n.gets > most {
		c.t.Errorf("%d GETs of %d versions, %d of them failed, %d units lost, %d objects read ahead of an end, want %d at most",
			n.gets, versions, n.lameGets, c.lost, c.early, most)
	}
	parts := len(w.parts)
	// A failure is looked up. What else is listed once more is the prefix of a scan without logs.
	if most := n.lameGets + again; n.finds > most {
		c.t.Errorf("%d objects were looked up, of %d GETs that failed, and %d other reasons", n.finds, n.lameGets, again)
	}
	pieces := n.pieces
	if len(w.objects) > 4000 { // they may come one after the other
		pieces += c.sweeps * len(w.objects) / 1000
	}
	if most := c.sweeps*(2+3*parts+parts) + c.polls*parts + pieces + c.legs; n.listings > most {
		c.t.Errorf("%d listings in %d sweeps and %d polls of %d partitions, %d pieces, want %d at most", n.listings, c.sweeps, c.polls, parts, pieces, most)
	}
	// How many pages a listing has depends on how far it goes back.
	if m, ok := w.store.(*memory); !ok || m.PageSize == 0 {
		pages := 1 + len(w.objects)/1000
		if most := n.listings*pages + n.finds + 2*n.lameLists; n.lists > most {
			c.t.Errorf("%d LISTs in %d listings of %d pages at most, %d of them failed, want %d at most", n.lists, n.listings+n.finds, pages, n.lameLists, most)
		}
	}
}
