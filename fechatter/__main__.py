from fechatter.cli import main

raise SystemExit(main())
