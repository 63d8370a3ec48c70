{% comment %}The service worker of the till. Context: worker (address of the module), shell (JSON).{% endcomment %}{% autoescape off %}import { serve } from "{{ worker }}";

serve({{ shell }});
{% endautoescape %}
