"""One child orchestration and one outcome blob per ask."""
