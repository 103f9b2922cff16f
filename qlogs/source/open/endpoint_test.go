package open_test

import (
	"strings"
	"testing"

	"github.com/promptlogs/qlogs/qlogs/source/open"
)

// An endpoint that is no URL, or has credentials in it, is refused by its setting. No part of
// it is shown.
func TestEndpointRefused(t *testing.T) {
	for _, endpoint := range []string{"idid:pwpw@127.0.0.1:1", "http://idid:pwpw@127.0.0.1:1", "http://idid:pw%zz@127.0.0.1:1", "ftp://idid", "idid"} {
		for setting, configuration := range map[string]string{
			"AWS_ENDPOINT_URL": "", "AWS_ENDPOINT_URL_S3": "", "AWS_ENDPOINT_URL_STS": "",
			"endpoint_url of the profile": "[default]\nregion = eu-central-1\nendpoint_url = " + endpoint + "\n",
			"open.Options.Endpoint":       "",
		} {
			var opts open.Options
			set := append(keys("CALLER"), "AWS_REGION=eu-central-1")
			switch {
			case strings.HasPrefix(setting, "AWS_"):
				set = append(set, setting+"="+endpoint)
			case configuration == "":
				opts.Endpoint = endpoint
			}
			environment(t, configuration, set...)
			_, _, err := open.URI(t.Context(), "s3://my-bucket/p", &opts)
			if err == nil || !strings.Contains(err.Error(), setting) || !strings.Contains(err.Error(), "is not the URL of") {
				t.Errorf("%s = %s: error %v, want one that names the setting", setting, endpoint, err)
			}
			if err != nil && (strings.Contains(err.Error(), "idid") || strings.Contains(err.Error(), "pw")) {
				t.Errorf("%s: error %v shows a part of it", setting, err)
			}
		}
	}
}
