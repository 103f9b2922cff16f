package path

// Skips counts objects that are not logs, by what they are.
type Skips struct {
	// Probe counts AWS's permission probes; see [Probe].
	Probe int64 `json:"probe"`

	// Folder counts the objects whose key ends in "/".
	Folder int64 `json:"folder"`

	// Report counts CSV user reports. A scan does not list the folders of reports, so
	// this is 0 for most scans. Events and qlogs.Client.ScanOf count the reports that
	// are among their objects.
	Report int64 `json:"report"`

	// Empty counts objects of 0 bytes, and objects that hold no byte after decompression,
	// which a scan finds by reading them.
	Empty int64 `json:"empty"`

	// Foreign counts all others; see [Foreign]. In a directory these include links to
	// directories, pipes and names that are not valid UTF-8.
	Foreign int64 `json:"foreign"`
}

// Add counts one object, unless it is a [Log].
func (s *Skips) Add(k Kind) {
	switch k {
	case Log:
	case Probe:
		s.Probe++
	case Folder:
		s.Folder++
	case Report:
		s.Report++
	case Empty:
		s.Empty++
	default:
		s.Foreign++
	}
}

// AddAll adds the counters of o to s.
func (s *Skips) AddAll(o Skips) {
	s.Probe += o.Probe
	s.Folder += o.Folder
	s.Report += o.Report
	s.Empty += o.Empty
	s.Foreign += o.Foreign
}

// Total returns the number of all skipped objects.
func (s Skips) Total() int64 {
	return s.Probe + s.Folder + s.Report + s.Empty + s.Foreign
}
