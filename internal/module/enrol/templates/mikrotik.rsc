/system logging action add name=lachan target=remote remote={{.Host}} remote-port={{.Port}} bsd-syslog=yes syslog-facility=local7
/system logging add action=lachan topics=info
/system logging add action=lachan topics=warning
/system logging add action=lachan topics=error
/system logging add action=lachan topics=critical
/system logging add action=lachan topics=firewall
