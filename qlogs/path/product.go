package path

// A Product is the folder, directly below the account's, to which a service writes
// its logs.
type Product string

const (
	// QDeveloperLogs is the folder of Amazon Q Developer. AWS's guide names it.
	QDeveloperLogs Product = "QDeveloperLogs"

	// KiroLogs is the folder of Kiro, the successor. On real data an account moves
	// from QDeveloperLogs to KiroLogs, and for some time has logs in both.
	KiroLogs Product = "KiroLogs"
)

func (p Product) valid() bool {
	return p == QDeveloperLogs || p == KiroLogs
}
